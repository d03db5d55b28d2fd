package demo

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"sync"
	"time"
)

// A code to scan has scanSide modules a side with a quiet border around: three
// square marks as a QR code has them, and between them the ticket with a sum.
// It is no QR code; [ReadCode] stands for the phone that reads it.
const (
	scanSide   = 25
	scanQuiet  = 2
	scanModule = 8 // pixels
	scanMark   = 7 // modules of a mark
	scanLife   = 2 * time.Minute
	maxTickets = 1000
)

// tickets are the log-ins by code under way.
type tickets struct {
	mu  sync.Mutex // guards all
	all map[string]ticket
}

type ticket struct {
	user string // who scanned it; empty while nobody did
	ends time.Time
}

func (t *tickets) issue(now time.Time) string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	name := hex.EncodeToString(b)
	t.mu.Lock()
	defer t.mu.Unlock()
	for old, tk := range t.all {
		if !now.Before(tk.ends) || len(t.all) >= maxTickets {
			delete(t.all, old)
		}
	}
	if t.all == nil {
		t.all = map[string]ticket{}
	}
	t.all[name] = ticket{ends: now.Add(scanLife)}
	return name
}

// scan marks a ticket as scanned by a person; false when there is no such ticket.
func (t *tickets) scan(name, user string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	tk, ok := t.all[name]
	if !ok || !now.Before(tk.ends) {
		return false
	}
	tk.user = user
	t.all[name] = tk
	return true
}

// take returns who scanned a ticket, which is spent then. live is false for a
// ticket whose time is over.
func (t *tickets) take(name string, now time.Time) (user string, live bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	tk, ok := t.all[name]
	if !ok || !now.Before(tk.ends) {
		return "", false
	}
	if tk.user != "" {
		delete(t.all, name)
	}
	return tk.user, true
}

// scanPage shows a code; whoever's phone scans it is logged in here.
func (p *Platform) scanPage(w http.ResponseWriter, r *http.Request, ses session) {
	p.show(w, r, "admin_scan", page{Title: "扫码登录", Heading: "扫码登录", Active: "admin_scan", Scripts: []string{"scan.js"}, Body: p.tickets.issue(p.now())}, p.withForm(w, ses))
}

func (p *Platform) scanPicture(w http.ResponseWriter, r *http.Request, _ session) {
	text, err := hex.DecodeString(r.PathValue("ticket"))
	if err != nil || len(text) != 8 {
		p.missing(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_ = png.Encode(w, drawCode(text)) // the visitor may have left
}

// scanState is asked by the page again and again.
func (p *Platform) scanState(w http.ResponseWriter, r *http.Request, ses session) {
	user, live := p.tickets.take(r.PathValue("ticket"), p.now())
	if user != "" {
		p.become(w, ses, session{user: user, role: administrator})
	}
	answer(w, reply{Data: map[string]bool{"done": user != "", "live": live}})
}

// scanned is what the phone asks for, where the administrator is logged in.
func (p *Platform) scanned(w http.ResponseWriter, r *http.Request, ses session) {
	if !p.tickets.scan(r.PathValue("ticket"), Accounts().AdminUser, p.now()) {
		p.message(w, ses, http.StatusNotFound, "二维码已过期", "请刷新电脑上的二维码后重新扫描。")
		return
	}
	p.message(w, ses, http.StatusOK, "登录成功", "请在电脑上继续操作。")
}

// inMark reports whether a module belongs to one of the marks or to the blank
// around it, and whether it is dark there.
func inMark(x, y int) (mark, dark bool) {
	for _, corner := range [][2]int{{0, 0}, {scanSide - scanMark, 0}, {0, scanSide - scanMark}} {
		dx, dy := x-corner[0], y-corner[1]
		if dx < -1 || dy < -1 || dx > scanMark || dy > scanMark {
			continue
		}
		ring := min(dx, dy, scanMark-1-dx, scanMark-1-dy)
		return true, ring == 0 || ring >= 2
	}
	return false, false
}

// drawCode writes a ticket of eight bytes and its sum into the modules between
// the marks, again and again until they are full.
func drawCode(ticket []byte) image.Image {
	side := (scanSide + 2*scanQuiet) * scanModule
	img := image.NewGray(image.Rect(0, 0, side, side))
	bits := append(bytes.Clone(ticket), sumOf(ticket)...)
	i := 0
	for y := range side {
		for x := range side {
			img.SetGray(x, y, color.Gray{255})
		}
	}
	for y := range scanSide {
		for x := range scanSide {
			mark, dark := inMark(x, y)
			if !mark {
				dark = bits[i/8%len(bits)]>>(i%8)&1 == 1
				i++
			}
			for n := range scanModule * scanModule {
				if dark {
					img.SetGray((x+scanQuiet)*scanModule+n%scanModule, (y+scanQuiet)*scanModule+n/scanModule, color.Gray{0})
				}
			}
		}
	}
	return img
}

func sumOf(ticket []byte) []byte {
	sum := crc32.ChecksumIEEE(ticket)
	return []byte{byte(sum), byte(sum >> 8), byte(sum >> 16), byte(sum >> 24)}
}

// ReadCode reads the ticket in a picture of a code to scan, whatever its scale;
// false when the picture is not of such a code.
func ReadCode(img image.Image) (string, bool) {
	b := img.Bounds()
	modules := scanSide + 2*scanQuiet
	if b.Dx() < modules || b.Dx() != b.Dy() {
		return "", false
	}
	bits := make([]byte, 12)
	i := 0
	for y := range scanSide {
		for x := range scanSide {
			at := func(n, from int) int { return from + (2*(n+scanQuiet)+1)*b.Dx()/(2*modules) }
			grey, _ := color.GrayModel.Convert(img.At(at(x, b.Min.X), at(y, b.Min.Y))).(color.Gray)
			mark, dark := inMark(x, y)
			switch {
			case mark && dark != (grey.Y < 128):
				return "", false
			case mark:
			case i < 8*len(bits):
				if grey.Y < 128 {
					bits[i/8] |= 1 << (i % 8)
				}
				i++
			}
		}
	}
	return hex.EncodeToString(bits[:8]), bytes.Equal(bits[8:], sumOf(bits[:8]))
}
