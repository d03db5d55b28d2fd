package prober_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"strings"
	"testing"

	"gengfu/prober"
)

func TestOutlineDiff(t *testing.T) {
	page := "banner\n  link \"首页\"\nmain\n  heading \"登录\"\n  textbox \"账号\"\n  textbox \"密码\"\n  button \"登录\"\nfooter"
	for name, c := range map[string][3]string{
		"equal":   {page, page, ""},
		"changed": {page, strings.Replace(page, "button", "alert", 1), "@@ -4,5 +4,5 @@\n   heading \"登录\"\n   textbox \"账号\"\n   textbox \"密码\"\n-  button \"登录\"\n+  alert \"登录\"\n footer\n"},
		"gone":    {"a\nb", "a", "@@ -1,2 +1,1 @@\n a\n-b\n"},
		"two hunks": {
			"x\n1\n2\n3\n4\n5\n6\n7\n8\ny", "X\n1\n2\n3\n4\n5\n6\n7\n8\nY",
			"@@ -1,4 +1,4 @@\n-x\n+X\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 6\n 7\n 8\n-y\n+Y\n",
		},
	} {
		if got := prober.OutlineDiff(c[0], c[1]); got != c[2] {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c[2])
		}
	}
	long := strings.Repeat("line that is long\n", 5000)
	if got := prober.OutlineDiff("", long); len(got) > 70<<10 {
		t.Errorf("%d bytes", len(got))
	}
}

func screen(t *testing.T, quality int, parts ...image.Rectangle) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 640, 400))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	for _, p := range parts {
		draw.Draw(img, p, image.NewUniform(color.RGBA{30, 80, 140, 255}), image.Point{}, draw.Src)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestScreenChange boxes what is new and what is gone, and nothing that only a
// JPEG of another quality makes.
func TestScreenChange(t *testing.T) {
	head, button, toast := image.Rect(0, 0, 640, 50), image.Rect(100, 200, 180, 240), image.Rect(400, 300, 600, 340)
	good := screen(t, 30, head, button)
	if got := prober.ScreenChange(good, screen(t, 70, head, button)); got != nil {
		t.Errorf("a change where there is none: %d bytes", len(got))
	}
	if prober.ScreenChange(good, []byte("none")) != nil || prober.ScreenChange(nil, good) != nil {
		t.Error("a change of what is no picture")
	}
	img, err := jpeg.Decode(bytes.NewReader(prober.ScreenChange(good, screen(t, 70, head, toast))))
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[image.Point]bool{{140, 189}: true, {500, 285}: true, {320, 25}: false, {320, 150}: false, {140, 220}: false} {
		r, g, b, _ := img.At(at.X, at.Y).RGBA()
		if boxed := int(r>>8)-int(g>>8) > 0x30 && int(b>>8)-int(g>>8) > 0x30; boxed != want {
			t.Errorf("%v boxed %t: %x %x %x", at, boxed, r>>8, g>>8, b>>8)
		}
	}
}
