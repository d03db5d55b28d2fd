package demo

import (
	"testing"
	"time"
)

func TestReadCode_readsWhatWasDrawn(t *testing.T) {
	ticket := []byte{0, 255, 1, 2, 3, 0xA5, 7, 9}
	got, ok := ReadCode(drawCode(ticket))
	if !ok || got != "00ff010203a50709" {
		t.Errorf("read %q, %v", got, ok)
	}
	other := drawCode([]byte{1, 2, 3, 4, 5, 6, 7, 8})
	if again, _ := ReadCode(other); again == got {
		t.Error("two tickets read the same")
	}
}

func TestTickets_endAndAreSpent(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	all := &tickets{}
	name := all.issue(now)
	if user, live := all.take(name, now); user != "" || !live {
		t.Errorf("before the scan: %q, %v", user, live)
	}
	if !all.scan(name, "admin", now) {
		t.Error("not scanned")
	}
	if user, _ := all.take(name, now); user != "admin" {
		t.Errorf("after the scan: %q", user)
	}
	if _, live := all.take(name, now); live {
		t.Error("a ticket serves twice")
	}
	late := all.issue(now)
	if all.scan(late, "admin", now.Add(scanLife)) {
		t.Error("scanned after its time")
	}
}
