package chrome

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"strings"
)

// A contact sheet shows up to twelve pictures, each under its time and step.
const (
	sheetShots  = 12
	sheetAcross = 3
	sheetMargin = 8
	captionSize = 24
	dot         = 2 // pixels of a point of the letters
)

// contactSheet puts pictures on one JPEG, in the order of time: the first, the
// last, and others evenly between them. Nil when there are none.
func contactSheet(shots []shot) []byte {
	var pictures []image.Image
	var captions []string
	var cell image.Point
	for _, s := range chosen(shots) {
		img, err := jpeg.Decode(bytes.NewReader(s.jpeg))
		if err != nil {
			continue
		}
		pictures = append(pictures, img)
		captions = append(captions, fmt.Sprintf("%.1fs #%d", s.at.Seconds(), s.step))
		cell.X, cell.Y = max(cell.X, img.Bounds().Dx()), max(cell.Y, img.Bounds().Dy())
	}
	if len(pictures) == 0 {
		return nil
	}
	across := min(sheetAcross, len(pictures))
	step := image.Pt(cell.X+sheetMargin, cell.Y+captionSize+sheetMargin)
	rows := (len(pictures) + across - 1) / across
	sheet := image.NewRGBA(image.Rect(0, 0, across*step.X+sheetMargin, rows*step.Y+sheetMargin))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.RGBA{0x1c, 0x20, 0x26, 0xff}), image.Point{}, draw.Src)
	for i, img := range pictures {
		at := image.Pt(sheetMargin+i%across*step.X, sheetMargin+i/across*step.Y)
		letter(sheet, at.Add(image.Pt(0, 4)), captions[i])
		below := at.Add(image.Pt(0, captionSize))
		draw.Draw(sheet, img.Bounds().Sub(img.Bounds().Min).Add(below), img, img.Bounds().Min, draw.Src)
	}
	var out bytes.Buffer
	if jpeg.Encode(&out, sheet, &jpeg.Options{Quality: 70}) != nil { // too large for a JPEG
		return nil
	}
	return out.Bytes()
}

// chosen is what fits on a sheet.
func chosen(shots []shot) []shot {
	if len(shots) <= sheetShots {
		return shots
	}
	var out []shot
	for i := range sheetShots {
		out = append(out, shots[i*(len(shots)-1)/(sheetShots-1)])
	}
	return out
}

// letters are the signs of captions, five points wide and seven high, a row
// after the other.
const letters = "0123456789.s# "

const faces = `01110100011001110101110011000101110 00100011000010000100001000010001110 01110100010000100110010001000011111 11111000100010000010000011000101110 00010001100101010010111110001000010 11111100001111000001000011000101110 00110010001000011110100011000101110 11111000010001000100010000100001000 01110100011000101110100011000101110 01110100011000101111000010001001100 00000000000000000000000000110001100 00000000000111010000011100000111110 01010010101111101010111110101001010 00000000000000000000000000000000000`

func letter(on draw.Image, at image.Point, text string) {
	ink := image.NewUniform(color.White)
	shapes := strings.Fields(faces)
	for _, c := range text {
		i := strings.IndexRune(letters, c)
		if i < 0 {
			continue
		}
		for n, point := range shapes[i] {
			if point == '1' {
				corner := at.Add(image.Pt(n%5*dot, n/5*dot))
				draw.Draw(on, image.Rectangle{Min: corner, Max: corner.Add(image.Pt(dot, dot))}, ink, image.Point{}, draw.Src)
			}
		}
		at.X += 6 * dot
	}
}
