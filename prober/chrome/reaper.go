package chrome

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// adopt waits for what is left of a browser's process group. As the first process
// of a container we inherit its orphans, which stay zombies until somebody asks
// for them; only the group is asked for, so nobody else's children are taken.
func adopt(group int) {
	if os.Getpid() != 1 {
		return
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 200 {
		pid, err := syscall.Wait4(-group, nil, syscall.WNOHANG, nil)
		switch {
		case errors.Is(err, syscall.EINTR), pid > 0:
			continue
		case err != nil: // no such children any more
			return
		}
		<-tick.C
	}
}
