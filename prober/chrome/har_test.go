package chrome

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"gengfu"
)

// decodeHAR is the archive of a run.
func decodeHAR(t *testing.T, r gengfu.Run) archiveLog {
	t.Helper()
	for _, e := range r.Evidence {
		if e.Kind == gengfu.EvidenceHAR {
			var a archive
			if err := json.Unmarshal(e.Data, &a); err != nil {
				t.Fatal(err)
			}
			return a.Log
		}
	}
	t.Fatalf("no archive; %s", cause(r))
	return archiveLog{}
}

func TestScratch(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/old":
			http.SetCookie(w, &http.Cookie{Name: "SID", Value: "very-secret-cookie", Path: "/"})
			http.Redirect(w, q, "/mid", http.StatusFound)
		case "/mid":
			http.Redirect(w, q, "/?a=1&token=tttt#frag", http.StatusMovedPermanently)
		case "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<!doctype html><title>x</title><p>hello<script>
fetch('/api?x=|{}&password=pppp',{method:'POST',headers:{'content-type':'application/json'},body:JSON.stringify({user:'u',password:'pppp'})}).then(()=>{document.title='done'});
new EventSource('/events');
const w=new Worker('/worker.js');
</script>`)
		case "/worker.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `fetch('/from-worker')`)
		case "/events":
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "data: 1\n\n")
			w.(http.Flusher).Flush()
			<-q.Context().Done()
		case "/api":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"code":500,"msg":"密码错误","token":"jjjj"}`)
		default:
			w.WriteHeader(404)
		}
	}))
	defer srv.Close()
	defer srv.CloseClientConnections()
	r := run(t, parse(t, srv.URL, `
steps:
  - goto: ${base}/old
    expect: [{title: done}]
  - expect: [{text: nothing}]
    timeout: 500ms
`))
	log := decodeHAR(t, r)
	b, _ := json.MarshalIndent(log, "", " ")
	_ = os.WriteFile("/tmp/record-har.json", b, 0o600)
	b, _ = json.MarshalIndent(r.Pages, "", " ")
	fmt.Println(string(b))
	fmt.Printf("%+v\n", r.Counts)
	if strings.Contains(string(b), "zzz") {
		t.Fatal()
	}
}
