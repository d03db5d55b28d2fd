package storage

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"gengfu"
)

// packer appends varints; spans are whole milliseconds.
type packer []byte

func (p *packer) uint(n uint64)        { *p = binary.AppendUvarint(*p, n) }
func (p *packer) int(n int64)          { *p = binary.AppendVarint(*p, n) }
func (p *packer) span(d time.Duration) { p.uint(uint64(max(d, 0).Milliseconds())) }

// unpacker reads what a packer wrote; after the first bad value it reads
// zeros and says so in bad.
type unpacker struct {
	data []byte
	bad  bool
}

func (u *unpacker) uint() uint64 {
	n, size := binary.Uvarint(u.data)
	if u.bad || size <= 0 {
		u.bad = true
		return 0
	}
	u.data = u.data[size:]
	return n
}

func (u *unpacker) int() int64 {
	n, size := binary.Varint(u.data)
	if u.bad || size <= 0 {
		u.bad = true
		return 0
	}
	u.data = u.data[size:]
	return n
}

func (u *unpacker) span() time.Duration {
	return time.Duration(min(u.uint(), math.MaxInt64/uint64(time.Millisecond))) * time.Millisecond
}

// small reads a number that is used as an index or a count of things that
// take at least a byte each.
func (u *unpacker) small() int { return int(min(u.uint(), math.MaxInt32)) }

func (u *unpacker) err(what string) error {
	if u.bad {
		return fmt.Errorf("%s in the ledger is damaged", what)
	}
	return nil
}

// packSteps keeps of each step its status, whether it is an always step, how
// long it took, and how long after the end of the one before it began: about
// three bytes. Steps are numbered from 1 without holes; names come from the
// revision.
func packSteps(steps []gengfu.StepResult) ([]byte, error) {
	p := packer{}
	end := time.Duration(0)
	for _, step := range steps {
		status, err := statuses.number(step.Status)
		if err != nil {
			return nil, err
		}
		flag := uint64(0)
		if step.Always {
			flag = 1
		}
		p.uint(uint64(max(step.Duration, 0).Milliseconds())<<4 | uint64(status)<<1 | flag)
		p.int(step.Start.Milliseconds() - end.Milliseconds())
		end = step.Start + step.Duration
	}
	return p, nil
}

func unpackSteps(data []byte, names []string) ([]gengfu.StepResult, error) {
	u := unpacker{data: data}
	var steps []gengfu.StepResult
	end := time.Duration(0)
	for len(u.data) > 0 && !u.bad {
		n := u.uint()
		step := gengfu.StepResult{Index: len(steps) + 1, Always: n&1 == 1, Status: statuses.word(int(n >> 1 & 7))}
		step.Duration = spanOf(int64(n >> 4))
		step.Start = spanOf(end.Milliseconds() + u.int())
		end = step.Start + step.Duration
		if len(steps) < len(names) {
			step.Name = names[len(steps)]
		}
		steps = append(steps, step)
	}
	return steps, u.err("a step")
}

// packVitals keeps the numbers of a run that trends are made of: traffic and
// the timings of each page.
func packVitals(r *gengfu.Run) []byte {
	p := packer{}
	p.uint(uint64(max(r.Traffic.Requests, 0)))
	p.uint(uint64(max(r.Traffic.Failed, 0)))
	p.uint(uint64(max(r.Traffic.FailedThirdParty, 0)))
	p.uint(uint64(max(r.Traffic.Bytes, 0)))
	p.uint(uint64(finite(r.Load) * 100))
	for _, page := range r.Pages {
		p.uint(uint64(max(page.Step, 0)))
		p.uint(uint64(max(page.Status, 0)))
		for _, d := range []time.Duration{page.TTFB, page.DOMReady, page.Load, page.FCP, page.LCP} {
			p.span(d)
		}
		p.uint(uint64(finite(page.CLS) * 10000))
	}
	return p
}

func unpackVitals(r *gengfu.Run, data []byte) error {
	u := unpacker{data: data}
	r.Traffic = gengfu.Traffic{Requests: u.small(), Failed: u.small(), FailedThirdParty: u.small(), Bytes: int64(u.uint())}
	r.Load = float64(u.uint()) / 100
	for len(u.data) > 0 && !u.bad {
		page := gengfu.PageLoad{Step: u.small(), Status: u.small()}
		for _, d := range []*time.Duration{&page.TTFB, &page.DOMReady, &page.Load, &page.FCP, &page.LCP} {
			*d = u.span()
		}
		page.CLS = float64(u.uint()) / 10000
		r.Pages = append(r.Pages, page)
	}
	return u.err("a page's timing")
}

// finite maps what JSON and varints cannot hold to the nearest that they can.
func finite(f float64) float64 {
	if math.IsNaN(f) || f < 0 {
		return 0
	}
	return min(f, 1e12)
}
