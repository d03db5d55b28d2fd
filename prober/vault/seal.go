package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const (
	keySize = 32
	format  = "gengfu session 1"
)

// header stands before the sealed data, for people and for the check: it is
// part of what the seal covers.
type header struct {
	Format     string
	Name       string
	Definition string
	Made       time.Time
	Keep       time.Duration
	Origins    int
}

var errSeal = errors.New("it was changed, or sealed with another key")

// random returns n random bytes; the source never fails.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// derive makes a key for one purpose. The vault is ready.
func (v *Vault) derive(purpose string) []byte {
	v.mu.Lock()
	key := v.key
	v.mu.Unlock()
	out, err := hkdf.Key(sha256.New, key, nil, "gengfu "+purpose, keySize)
	if err != nil { // only for lengths beyond any key's
		return nil
	}
	return out
}

func (v *Vault) cipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher(v.derive("state"))
	if err != nil {
		return nil, fmt.Errorf("session key: %w", err)
	}
	return cipher.NewGCM(block)
}

// seal is the file of a state: the header in a line, the nonce, and the data
// under AES-256-GCM with the header as what it belongs to.
func (v *Vault) seal(name string, st State) ([]byte, error) {
	aead, err := v.cipher()
	if err != nil {
		return nil, err
	}
	head, err := json.Marshal(header{format, name, st.Definition, st.Made.UTC(), st.Keep, st.Origins})
	if err != nil {
		return nil, fmt.Errorf("seal session: %w", err)
	}
	nonce := random(aead.NonceSize())
	out := append(append(bytes.Clone(head), '\n'), nonce...)
	return aead.Seal(out, nonce, st.Data, head), nil
}

// open is the inverse of seal.
func (v *Vault) open(name string, file []byte) (State, error) {
	aead, err := v.cipher()
	if err != nil {
		return State{}, err
	}
	head, box, ok := bytes.Cut(file, []byte{'\n'})
	if !ok || len(box) < aead.NonceSize() {
		return State{}, errors.New("it is cut off")
	}
	var h header
	if err := json.Unmarshal(head, &h); err != nil || h.Format != format {
		return State{}, errors.New("it is not the file of a session")
	}
	data, err := aead.Open(nil, box[:aead.NonceSize()], box[aead.NonceSize():], head)
	if err != nil || h.Name != name { // another identity's file under this name
		return State{}, errSeal
	}
	return State{Made: h.Made, Definition: h.Definition, Keep: h.Keep, Origins: h.Origins, Data: data}, nil
}
