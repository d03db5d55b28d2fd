package gengfu

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// Histogram counts durations in exponential buckets whose bounds are powers
// of 2^(1/16) milliseconds: a native histogram of schema 4 in Prometheus, an
// exponential histogram of scale 4 in OpenTelemetry. Merging loses nothing,
// and a quantile is off by at most 2.2 %.
//
// The zero value is empty and ready. Copies share memory until one of them is
// changed through [Histogram.Clone]; do not change both copies.
type Histogram struct {
	count uint64
	zero  uint64 // durations below the smallest bucket
	sum   time.Duration
	bins  []bin // by index, no empty ones
}

// bin counts the durations in (base^(index-1), base^index] milliseconds.
type bin struct {
	index int32
	n     uint64
}

const (
	histogramScale   = 16   // buckets for each doubling
	smallestBin      = -160 // about one microsecond
	largestBin       = 700  // beyond the longest time.Duration
	histogramVersion = 1
)

// Add counts d; a negative duration counts as zero.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	h.count++
	h.sum = addSpans(h.sum, d)
	if i := binOf(d); i < smallestBin {
		h.zero++
	} else {
		h.put(i, 1)
	}
}

// Merge counts all that other has counted.
func (h *Histogram) Merge(other Histogram) {
	h.count += other.count
	h.zero += other.zero
	h.sum = addSpans(h.sum, other.sum)
	for _, b := range other.bins {
		h.put(b.index, b.n)
	}
}

// Clone returns a histogram that shares nothing with h.
func (h *Histogram) Clone() Histogram {
	c := *h
	c.bins = slices.Clone(h.bins)
	return c
}

// Count is the number of durations added.
func (h *Histogram) Count() uint64 { return h.count }

// Sum is the exact total of the durations added.
func (h *Histogram) Sum() time.Duration { return h.sum }

// Mean is the exact average, zero when nothing was added.
func (h *Histogram) Mean() time.Duration {
	if h.count == 0 {
		return 0
	}
	return time.Duration(float64(h.sum) / float64(h.count))
}

// Quantile estimates the duration that a share q (0…1) of the durations does
// not exceed, by nearest rank. It is zero when nothing was added.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.count == 0 || math.IsNaN(q) {
		return 0
	}
	rank := uint64(math.Ceil(min(max(q, 0), 1) * float64(h.count)))
	rank = min(max(rank, 1), h.count)
	seen := h.zero
	if rank <= seen {
		return 0
	}
	for _, b := range h.bins {
		if seen += b.n; rank <= seen {
			return boundOf(float64(b.index) - 0.5)
		}
	}
	return 0
}

// AtMost estimates how many durations were no longer than d. It never falls
// as d grows and reaches [Histogram.Count], as the cumulative le buckets of
// the Prometheus text format must.
func (h *Histogram) AtMost(d time.Duration) uint64 {
	if d < 0 {
		return 0
	}
	total := h.zero
	at := math.Inf(-1)
	if d > 0 {
		at = position(d)
	}
	for _, b := range h.bins {
		share := min(at-float64(b.index-1), 1)
		if share <= 0 {
			break
		}
		total += uint64(share * float64(b.n))
	}
	return total
}

// MarshalBinary encodes the histogram in varints: version, sum in
// nanoseconds, zero count, number of bins, then for each bin its distance
// from the one before and its count.
func (h *Histogram) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, 16+3*len(h.bins))
	b = append(b, histogramVersion)
	b = binary.AppendUvarint(b, uint64(h.sum))
	b = binary.AppendUvarint(b, h.zero)
	b = binary.AppendUvarint(b, uint64(len(h.bins)))
	last := int32(smallestBin - 1)
	for _, x := range h.bins {
		b = binary.AppendUvarint(b, uint64(x.index-last))
		b = binary.AppendUvarint(b, x.n)
		last = x.index
	}
	return b, nil
}

// UnmarshalBinary is the inverse of [Histogram.MarshalBinary]. Data that it
// could not have written is refused with [ErrInvalid] and leaves h as it was.
func (h *Histogram) UnmarshalBinary(data []byte) error {
	if len(data) == 0 {
		*h = Histogram{}
		return nil
	}
	if data[0] != histogramVersion {
		return fmt.Errorf("histogram of version %d: %w", data[0], ErrInvalid)
	}
	in := varints{data: data[1:]}
	got := Histogram{sum: time.Duration(in.next(math.MaxInt64)), zero: in.next(math.MaxUint32)}
	got.count = got.zero
	size := in.next(largestBin - smallestBin + 1)
	if size > 0 && !in.bad {
		got.bins = make([]bin, 0, size)
	}
	last := int32(smallestBin - 1)
	for range size {
		step := in.next(largestBin - smallestBin + 1)
		n := in.next(math.MaxUint32)
		if in.bad || step == 0 || n == 0 || last+int32(step) > largestBin {
			return fmt.Errorf("histogram: bad bucket: %w", ErrInvalid)
		}
		last += int32(step)
		got.count += n
		got.bins = append(got.bins, bin{index: last, n: n})
	}
	if in.bad || len(in.data) > 0 {
		return fmt.Errorf("histogram: truncated or trailing data: %w", ErrInvalid)
	}
	*h = got
	return nil
}

// put adds n to the bin with this index.
func (h *Histogram) put(index int32, n uint64) {
	i := sort.Search(len(h.bins), func(i int) bool { return h.bins[i].index >= index })
	if i < len(h.bins) && h.bins[i].index == index {
		h.bins[i].n += n
		return
	}
	h.bins = append(h.bins, bin{})
	copy(h.bins[i+1:], h.bins[i:])
	h.bins[i] = bin{index: index, n: n}
}

// varints reads unsigned varints until one is missing or over its limit.
type varints struct {
	data []byte
	bad  bool
}

func (v *varints) next(limit uint64) uint64 {
	n, size := binary.Uvarint(v.data)
	if v.bad || size <= 0 || n > limit {
		v.bad = true
		return 0
	}
	v.data = v.data[size:]
	return n
}

// position is where d lies on the axis of bin indices.
func position(d time.Duration) float64 {
	return math.Log2(float64(d)/float64(time.Millisecond)) * histogramScale
}

func binOf(d time.Duration) int32 {
	if d == 0 {
		return smallestBin - 1
	}
	return int32(math.Ceil(position(d)))
}

// boundOf is the duration at a position, limited to what a Duration holds.
func boundOf(at float64) time.Duration {
	ns := math.Exp2(at/histogramScale) * float64(time.Millisecond)
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(math.Round(ns))
}

func addSpans(a, b time.Duration) time.Duration {
	if sum := a + b; sum >= a {
		return sum
	}
	return math.MaxInt64
}
