package notify

import "fmt"

// checkPace holds the operator's rate against the documented one.
func checkPace(c Config, documented int) []string {
	if c.PerMinute < 0 || c.PerMinute > documented {
		return []string{fmt.Sprintf("per_minute: %d is out of range, want at most %d, which the service documents", c.PerMinute, documented)}
	}
	return nil
}
