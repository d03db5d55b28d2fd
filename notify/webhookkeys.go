package notify

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"gengfu"
)

// privatePrefix is of an ed25519 key; receivers get its public half, whpk_….
const privatePrefix = "whsk_"

// checkSecret is what is wrong with a signing secret of either kind.
func checkSecret(secret gengfu.Secret) error {
	if strings.HasPrefix(secret.Reveal(), privatePrefix) {
		_, err := privateKey(secret)
		return err
	}
	_, err := signingKey(secret)
	return err
}

// privateKey decodes a whsk_ secret: the seed, or the seed and the public key;
// its errors do not repeat it.
func privateKey(secret gengfu.Secret) (ed25519.PrivateKey, error) {
	wrong := errors.New("is not a signing key, want whsk_ and 32 or 64 bytes of an ed25519 key in base64")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret.Reveal(), privatePrefix))
	if err != nil || len(raw) != ed25519.SeedSize && len(raw) != ed25519.PrivateKeySize {
		return nil, wrong
	}
	key := ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
	if len(raw) == ed25519.PrivateKeySize && !key.Equal(ed25519.PrivateKey(raw)) {
		return nil, wrong
	}
	return key, nil
}

// signPrivately lists one v1a signature for each key.
func signPrivately(keys []ed25519.PrivateKey, id, stamp string, body []byte) string {
	var all []string
	for _, key := range keys {
		signature := ed25519.Sign(key, fmt.Appendf(nil, "%s.%s.%s", id, stamp, body))
		all = append(all, "v1a,"+base64.StdEncoding.EncodeToString(signature))
	}
	return strings.Join(all, " ")
}

// asCloudEvent adds the headers of CloudEvents 1.0 in binary mode: the body
// stays what it is.
func asCloudEvent(header http.Header, instance string, d gengfu.Delivery) {
	var body webhookBody
	_ = json.Unmarshal(d.Body, &body) // our own; without it the headers say less
	header.Set("ce-specversion", "1.0")
	header.Set("ce-id", d.Key)
	header.Set("ce-source", "/gengfu/"+url.PathEscape(instance))
	header.Set("ce-type", "gengfu."+body.Type)
	header.Set("ce-subject", url.PathEscape(body.Data.Incident))
	if body.Timestamp != "" {
		header.Set("ce-time", body.Timestamp)
	}
}
