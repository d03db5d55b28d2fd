package chrome

import (
	"io"
	"os"
	"syscall"
	"unsafe"
)

// prompt is our end of a pipe to a browser. Its descriptor never blocks, so a
// call takes a microsecond and Go's scheduler need not hear of it: told, it wakes
// its watchman thread for each burst of messages, which costs more than they do.
type prompt struct {
	*os.File
	raw syscall.RawConn
}

// promptly takes a file of [os.Pipe].
func promptly(f *os.File) *prompt {
	raw, _ := f.SyscallConn() // fails for no file alone
	return &prompt{f, raw}
}

func (p *prompt) Read(b []byte) (n int, err error) {
	if len(b) == 0 {
		return 0, nil
	}
	var errno syscall.Errno
	if err = p.raw.Read(func(fd uintptr) bool {
		n, errno = transfer(syscall.SYS_READ, fd, b)
		return errno != syscall.EAGAIN
	}); err != nil {
		return 0, err //nolint:wrapcheck // says what the file says
	}
	switch {
	case errno != 0:
		return 0, os.NewSyscallError("read", errno)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func (p *prompt) Write(b []byte) (n int, err error) {
	for n < len(b) {
		var some int
		var errno syscall.Errno
		if err = p.raw.Write(func(fd uintptr) bool {
			some, errno = transfer(syscall.SYS_WRITE, fd, b[n:])
			return errno != syscall.EAGAIN
		}); err != nil {
			return n, err //nolint:wrapcheck // says what the file says
		}
		if errno != 0 {
			return n, os.NewSyscallError("write", errno)
		}
		n += some
	}
	return n, nil
}

// transfer is read(2) or write(2) of a descriptor that does not block.
func transfer(call, fd uintptr, b []byte) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.RawSyscall(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		if errno != syscall.EINTR {
			return int(n), errno
		}
	}
}
