package chrome

// Limits on what a run may take of the machine. A page over one of them is ended,
// and its run has failed. Zero takes the default.
type Limits struct {
	Page     int64 // bytes of private memory of one page's process; 512 MiB
	Tree     int64 // bytes of a browser between runs before it is replaced; 768 MiB
	Disk     int64 // bytes of a browser's profile before it is replaced; 512 MiB
	Document int64 // bytes of one main document, unpacked; 64 MiB
	Received int64 // bytes of all that a run loads, unpacked; 512 MiB
	Requests int   // that a run may send; 10,000
	Workers  int   // that a run may have at once; 64, where a page that is built well starts as many as there are cores
}

func (l *Limits) complete() {
	for _, v := range []struct {
		at *int64
		to int64
	}{{&l.Page, 512 << 20}, {&l.Tree, 768 << 20}, {&l.Disk, 512 << 20}, {&l.Document, 64 << 20}, {&l.Received, 512 << 20}} {
		if *v.at == 0 {
			*v.at = v.to
		}
	}
	if l.Requests == 0 {
		l.Requests = 10_000
	}
	if l.Workers == 0 {
		l.Workers = 64
	}
}
