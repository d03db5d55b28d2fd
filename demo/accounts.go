package demo

import (
	"crypto/subtle"
	"fmt"
	"sync"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// Lockout rule: so many wrong tries in a row close the account for so long.
const (
	maxFailures = 5
	lockFor     = 15 * time.Minute
)

// Credentials are the accounts of the platform. They open nothing but the demo,
// so they are no secrets; scenarios treat them as if they were.
type Credentials struct {
	ApplicantUser, ApplicantPassword string
	AdminUser, AdminPassword         string
	AdminTOTP                        string // base32 seed, 30 s, six digits, SHA-1
	LockedUser, LockedPassword       string // always 用户暂时锁定
	ExpiredUser, ExpiredPassword     string // accepted, then 密码过期
}

// Accounts tells the names and passwords that the platform takes.
func Accounts() Credentials {
	return Credentials{
		ApplicantUser: "probe_applicant", ApplicantPassword: "Qing#lan-2026夜",
		AdminUser: "probe_admin", AdminPassword: "Geng.fu!Shen-pi_88",
		AdminTOTP:  "KNUWQ2LIOVUSAZLMMRSXEY3B",
		LockedUser: "probe_locked", LockedPassword: "Lock+ed.2026-suo",
		ExpiredUser: "probe_expired", ExpiredPassword: "Old=pass.2025-jiu",
	}
}

// role is what a session may do.
type role int

const (
	anyone role = iota
	applicant
	administrator
)

// The sentences a rejected log-in reads, in the words of such sites.
const (
	saysUnknown = "账号或密码错误"
	saysLocked  = "用户暂时锁定，请 15 分钟后再试"
	saysExpired = "密码过期：您的密码已超过 90 天未更换，请联系管理员重置"
	saysCode    = "动态口令错误，请重新输入"
	saysBlank   = "请输入账号和密码"
	saysReturn  = "登录已过期，请重新登录"
)

type account struct {
	name, password, display string
	role                    role
	totp                    string
	locked, expired         bool
	failures                int       // wrong tries in a row
	until                   time.Time // locked until then
}

// accounts keeps the count of wrong tries. Only known names are counted, so
// guessing names makes nothing grow.
type accounts struct {
	mu     sync.Mutex // guards byName and what it points to
	byName map[string]*account
}

func newAccounts() *accounts {
	c := Accounts()
	known := []*account{
		{name: c.ApplicantUser, password: c.ApplicantPassword, display: "王秀英", role: applicant},
		{name: c.AdminUser, password: c.AdminPassword, display: "李建国", role: administrator, totp: c.AdminTOTP},
		{name: c.LockedUser, password: c.LockedPassword, display: "赵志强", role: applicant, locked: true},
		{name: c.ExpiredUser, password: c.ExpiredPassword, display: "陈淑珍", role: applicant, expired: true},
	}
	a := &accounts{byName: map[string]*account{}}
	for _, acc := range known {
		a.byName[acc.name] = acc
	}
	return a
}

// password checks a name and password for pages of the wanted role and says
// why not, or "" when they are accepted.
func (a *accounts) password(name, password string, want role, now time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	acc := a.byName[name]
	switch {
	case name == "" || password == "":
		return saysBlank
	case acc == nil || acc.role != want:
		return saysUnknown
	case acc.locked || now.Before(acc.until):
		return saysLocked
	case subtle.ConstantTimeCompare([]byte(acc.password), []byte(password)) != 1:
		return acc.wrong(now)
	case acc.expired:
		return saysExpired
	}
	if acc.totp == "" {
		acc.failures = 0 // with a second step the count ends there
	}
	return ""
}

// code checks the second step of an administrator. One step either side of the
// present one is accepted. A code may be used more than once: several scenarios
// log in with one account inside the same 30 seconds.
func (a *accounts) code(name, code string, now time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	acc := a.byName[name]
	if acc == nil || acc.locked || now.Before(acc.until) {
		return saysLocked
	}
	ok, err := totp.ValidateCustom(code, acc.totp, now, totp.ValidateOpts{
		Period: 30, Skew: 1, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil || !ok {
		if acc.wrong(now) == saysLocked {
			return saysLocked
		}
		return saysCode
	}
	acc.failures = 0
	return ""
}

// display is the person's name behind an account, as pages greet it.
func (a *accounts) display(name string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if acc := a.byName[name]; acc != nil {
		return acc.display
	}
	return ""
}

// wrong counts one more wrong try; callers hold the mutex.
func (acc *account) wrong(now time.Time) string {
	acc.failures++
	if acc.failures >= maxFailures {
		acc.failures, acc.until = 0, now.Add(lockFor)
		return saysLocked
	}
	return rejected(maxFailures - acc.failures)
}

func rejected(left int) string { return fmt.Sprintf("密码错误，还可尝试 %d 次", left) }
