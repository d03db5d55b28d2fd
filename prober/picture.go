package prober

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
)

// A picture is compared in squares: single points differ by the way a JPEG is
// made, and by a blinking cursor.
const (
	square    = 16 // pixels
	threshold = 12 // of 255, that the mean brightness of a square must differ
	maxSide   = 4096
)

// ScreenChange is the picture now with a box around every region that differs
// from the good one, as a JPEG. It is nil when nothing does, when the pictures
// are of different sizes, or are none.
func ScreenChange(good, now []byte) []byte {
	a, err := jpeg.Decode(bytes.NewReader(good))
	if err != nil {
		return nil
	}
	b, err := jpeg.Decode(bytes.NewReader(now))
	if err != nil || a.Bounds() != b.Bounds() || b.Bounds().Dx() > maxSide || b.Bounds().Dy() > maxSide {
		return nil
	}
	plain := image.NewRGBA(b.Bounds())
	draw.Draw(plain, b.Bounds(), b, b.Bounds().Min, draw.Src)
	boxes := regions(a, b)
	if len(boxes) == 0 {
		return nil
	}
	for _, box := range boxes {
		border(plain, box.Inset(-4).Intersect(plain.Bounds()))
	}
	var out bytes.Buffer
	if jpeg.Encode(&out, plain, &jpeg.Options{Quality: 60}) != nil {
		return nil
	}
	return out.Bytes()
}

// regions are the boxes around squares that differ and touch each other.
func regions(a, b image.Image) []image.Rectangle {
	across, down := (b.Bounds().Dx()+square-1)/square, (b.Bounds().Dy()+square-1)/square
	differs := make([]bool, across*down)
	for i := range differs {
		box := image.Rect(0, 0, square, square).Add(image.Pt(i%across*square, i/across*square)).Add(b.Bounds().Min).Intersect(b.Bounds())
		d := brightness(a, box) - brightness(b, box)
		differs[i] = d > threshold || d < -threshold
	}
	var boxes []image.Rectangle
	for i := range differs {
		if differs[i] {
			box := flood(differs, across, down, i)
			boxes = append(boxes, image.Rectangle{Min: box.Min.Mul(square), Max: box.Max.Mul(square)}.Add(b.Bounds().Min).Intersect(b.Bounds()))
		}
	}
	return boxes
}

// flood takes a square and all that touch it out of the map, also over a gap of
// one, and returns the box around them, in squares.
func flood(differs []bool, across, down, from int) image.Rectangle {
	var box image.Rectangle
	next := []int{from}
	differs[from] = false
	for len(next) > 0 {
		at := image.Pt(next[0]%across, next[0]/across)
		next = next[1:]
		box = box.Union(image.Rectangle{Min: at, Max: at.Add(image.Pt(1, 1))})
		for y := max(0, at.Y-2); y <= min(down-1, at.Y+2); y++ {
			for x := max(0, at.X-2); x <= min(across-1, at.X+2); x++ {
				if i := y*across + x; differs[i] {
					differs[i] = false
					next = append(next, i)
				}
			}
		}
	}
	return box
}

// brightness is the mean of a part of a picture, 0 to 255.
func brightness(img image.Image, box image.Rectangle) int {
	sum, n := 0, 0
	for y := box.Min.Y; y < box.Max.Y; y += 2 {
		for x := box.Min.X; x < box.Max.X; x += 2 {
			if c, ok := img.(*image.YCbCr); ok {
				sum += int(c.Y[c.YOffset(x, y)])
			} else {
				r, g, b, _ := img.At(x, y).RGBA()
				sum += int((299*r + 587*g + 114*b) / 1000 >> 8)
			}
			n++
		}
	}
	return sum / max(n, 1)
}

func border(img draw.Image, box image.Rectangle) {
	ink := image.NewUniform(color.RGBA{0xb0, 0x30, 0xc0, 0xff})
	inner := box.Inset(3)
	for _, side := range []image.Rectangle{
		{Min: box.Min, Max: image.Pt(box.Max.X, inner.Min.Y)},
		{Min: image.Pt(box.Min.X, inner.Max.Y), Max: box.Max},
		{Min: box.Min, Max: image.Pt(inner.Min.X, box.Max.Y)},
		{Min: image.Pt(inner.Max.X, box.Min.Y), Max: box.Max},
	} {
		draw.Draw(img, side, ink, image.Point{}, draw.Src)
	}
}
