package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"oshirase/templates"
)

// config is HOME/oshirase.toml. Every key is also a variable of the
// environment: mail.host is OSHIRASE_MAIL_HOST. Zero values work.
type config struct {
	DB      string        `toml:"db"`
	Render  renderConfig  `toml:"render"`
	Print   printConfig   `toml:"print"`
	Mail    mailConfig    `toml:"mail"`
	Audit   auditConfig   `toml:"audit"`
	Desk    deskConfig    `toml:"desk"`
	OIDC    oidcConfig    `toml:"oidc"`
	Backup  backupConfig  `toml:"backup"`
	Metrics metricsConfig `toml:"metrics"`
	Archive archiveConfig `toml:"archive"`

	Retention retentionConfig `toml:"retention"`
}

type renderConfig struct {
	Workers int `toml:"workers"`
}

type printConfig struct {
	Out             string `toml:"out"`
	PerFile         int    `toml:"per_file"`
	SheetMilligrams int    `toml:"sheet_milligrams"`
	Forward         bool   `toml:"forward"`
	SFTPHost        string `toml:"sftp_host"`
	SFTPPort        int    `toml:"sftp_port"`
	SFTPUser        string `toml:"sftp_user"`
	SFTPKeyFile     string `toml:"sftp_key_file"`
	SFTPHostKey     string `toml:"sftp_host_key"`
	SFTPKnownHosts  string `toml:"sftp_known_hosts"`
	SFTPDir         string `toml:"sftp_dir"`
}

type mailConfig struct {
	Host         string `toml:"host"`
	Port         int    `toml:"port"`
	User         string `toml:"user"`
	PasswordFile string `toml:"password_file"`
	From         string `toml:"from"`
	FromName     string `toml:"from_name"`
	ReplyTo      string `toml:"reply_to"`
	ReturnDomain string `toml:"return_domain"`
	Helo         string `toml:"helo"`
	TLS          string `toml:"tls"`
	DKIMDomain   string `toml:"dkim_domain"`
	DKIMSelector string `toml:"dkim_selector"`
	DKIMKeyFile  string `toml:"dkim_key_file"`

	Senders         int `toml:"senders"`
	PerMinute       int `toml:"per_minute"`
	DomainPerMinute int `toml:"domain_per_minute"`
	PerConnection   int `toml:"per_connection"`
	BrakeAfter      int `toml:"brake_after"`
}

type auditConfig struct {
	KeyFile       string `toml:"key_file"`
	PublicKeyFile string `toml:"public_key_file"`
	AnchorFile    string `toml:"anchor_file"`

	OfficeHours    string `toml:"office_hours"`
	OfficeHolidays bool   `toml:"office_holidays"`
}

type backupConfig struct {
	RecipientsFile string `toml:"recipients_file"`
}

// retentionConfig is how long the house keeps personal data (保存期間).
type retentionConfig struct {
	Days int `toml:"days"`
}

// archiveConfig says where letters' files are kept: without a URL in the home.
type archiveConfig struct {
	URL           string `toml:"url"`
	Region        string `toml:"region"`
	AccessKeyFile string `toml:"access_key_file"`
	SecretKeyFile string `toml:"secret_key_file"`
	CAFile        string `toml:"ca_file"`
}

// metricsConfig is where work and serve answer those who watch the machine.
type metricsConfig struct {
	Listen      string `toml:"listen"`
	ServeListen string `toml:"serve_listen"`
}

// setting is one key with the place its value goes to.
type setting struct {
	key string
	to  any // *string, *int or *bool
}

// settings lists every key there is: the environment, `config check` and the
// README are held against it.
func (c *config) settings() []setting {
	m, p, d := &c.Mail, &c.Print, &c.Desk
	return []setting{
		{"db", &c.DB},
		{"render.workers", &c.Render.Workers},
		{"print.out", &p.Out}, {"print.per_file", &p.PerFile}, {"print.sheet_milligrams", &p.SheetMilligrams},
		{"print.forward", &p.Forward},
		{"print.sftp_host", &p.SFTPHost}, {"print.sftp_port", &p.SFTPPort}, {"print.sftp_user", &p.SFTPUser},
		{"print.sftp_key_file", &p.SFTPKeyFile}, {"print.sftp_host_key", &p.SFTPHostKey},
		{"print.sftp_known_hosts", &p.SFTPKnownHosts}, {"print.sftp_dir", &p.SFTPDir},
		{"mail.host", &m.Host}, {"mail.port", &m.Port}, {"mail.user", &m.User},
		{"mail.password_file", &m.PasswordFile}, {"mail.from", &m.From}, {"mail.from_name", &m.FromName},
		{"mail.reply_to", &m.ReplyTo}, {"mail.return_domain", &m.ReturnDomain},
		{"mail.helo", &m.Helo}, {"mail.tls", &m.TLS}, {"mail.dkim_domain", &m.DKIMDomain},
		{"mail.dkim_selector", &m.DKIMSelector}, {"mail.dkim_key_file", &m.DKIMKeyFile},
		{"mail.senders", &m.Senders}, {"mail.per_minute", &m.PerMinute}, {"mail.domain_per_minute", &m.DomainPerMinute},
		{"mail.per_connection", &m.PerConnection}, {"mail.brake_after", &m.BrakeAfter},
		{"audit.key_file", &c.Audit.KeyFile}, {"audit.public_key_file", &c.Audit.PublicKeyFile},
		{"audit.anchor_file", &c.Audit.AnchorFile},
		{"audit.office_hours", &c.Audit.OfficeHours}, {"audit.office_holidays", &c.Audit.OfficeHolidays},
		{"backup.recipients_file", &c.Backup.RecipientsFile},
		{"retention.days", &c.Retention.Days},
		{"archive.url", &c.Archive.URL}, {"archive.region", &c.Archive.Region},
		{"archive.access_key_file", &c.Archive.AccessKeyFile}, {"archive.secret_key_file", &c.Archive.SecretKeyFile},
		{"archive.ca_file", &c.Archive.CAFile},
		{"metrics.listen", &c.Metrics.Listen}, {"metrics.serve_listen", &c.Metrics.ServeListen},
		{"desk.listen", &d.Listen}, {"desk.public_url", &d.PublicURL}, {"desk.tls_cert_file", &d.TLSCertFile},
		{"desk.tls_key_file", &d.TLSKeyFile}, {"desk.trusted_proxy", &d.TrustedProxy},
		{"oidc.issuer", &c.OIDC.Issuer}, {"oidc.client_id", &c.OIDC.ClientID}, {"oidc.client_secret_file", &c.OIDC.ClientSecretFile},
		{"oidc.scopes", &c.OIDC.Scopes}, {"oidc.user_claim", &c.OIDC.UserClaim}, {"oidc.role_claim", &c.OIDC.RoleClaim},
		{"oidc.only", &c.OIDC.Only},
		{"desk.looks_alert", &d.LooksAlert}, {"desk.looks_stop", &d.LooksStop},
		{"desk.requests_per_second", &d.PerSecond},
	}
}

// envName is the variable of a key.
func envName(key string) string {
	return "OSHIRASE_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// defaults are the values that stand where nothing is set.
func defaults() config {
	return config{
		Render: renderConfig{Workers: 2},
		Print:  printConfig{Out: "print", PerFile: 1000, SheetMilligrams: 4000, SFTPPort: 22, SFTPDir: "."},
		Mail:   mailConfig{Port: 587, Senders: 1, PerMinute: 600, PerConnection: 100, BrakeAfter: 5},
		Audit:  auditConfig{KeyFile: "audit.key", PublicKeyFile: "audit.pub", AnchorFile: "anchors.jsonl", OfficeHours: "08:00-20:00"},
		OIDC:   oidcConfig{Scopes: "profile email", UserClaim: "sub"},
		Desk:   deskConfig{Listen: "127.0.0.1:8480", LooksAlert: 31, LooksStop: 61, PerSecond: 10},
	}
}

// readConfig reads the file, which may be missing, and lays the environment
// over it. Unknown keys are errors that name them.
func (p *program) readConfig() (config, error) {
	c := defaults()
	path := p.inHome("oshirase.toml")
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("read settings: %w", err)
	}
	md, err := toml.Decode(string(b), &c)
	if err != nil {
		line, key := templates.Place(err)
		return c, fail(exitUsage, "config_syntax", err, path, strconv.Itoa(line), p.at(key))
	}
	if extra := md.Undecoded(); len(extra) > 0 {
		return c, fail(exitUsage, "config_unknown", errors.New("unknown setting"), path, extra[0].String())
	}
	for _, s := range c.settings() {
		if v, ok := p.env(envName(s.key)); ok {
			if err := s.set(v); err != nil {
				return c, fail(exitUsage, "config_value", err, envName(s.key))
			}
		}
	}
	if p.dbURL != "" {
		c.DB = p.dbURL
	}
	return c, nil
}

// at names a key in brackets; "" when there is none.
func (p *program) at(key string) string {
	if key == "" {
		return ""
	}
	return p.words.sentence("config_at", key)
}

func (s setting) set(v string) error {
	switch to := s.to.(type) {
	case *string:
		*to = v
	case *int:
		n, err := strconv.Atoi(v)
		if err != nil {
			return err
		}
		*to = n
	case *bool:
		yes, err := strconv.ParseBool(v)
		if err != nil {
			return err
		}
		*to = yes
	}
	return nil
}

// fault is one thing wrong with the settings: a sentence of words.toml.
type fault struct {
	Key  string   `json:"key"`
	Code string   `json:"code"`
	Args []string `json:"args,omitempty"`
}

// faults names every setting that cannot work.
func (c *config) faults() []fault {
	var out []fault
	add := func(bad bool, key, code string, args ...string) {
		if bad {
			out = append(out, fault{key, code, args})
		}
	}
	m := c.Mail
	add(c.Render.Workers < 1, "render.workers", "setting_positive")
	add(c.Retention.Days < 0, "retention.days", "setting_positive")
	for key, address := range map[string]string{"metrics.listen": c.Metrics.Listen, "metrics.serve_listen": c.Metrics.ServeListen} {
		host, _, err := net.SplitHostPort(address)
		add(address != "" && (err != nil || !loopback(host)), key, "setting_loopback")
	}
	add(c.Archive.URL != "" && c.Archive.AccessKeyFile == "", "archive.access_key_file", "setting_missing")
	add(c.Archive.URL != "" && c.Archive.SecretKeyFile == "", "archive.secret_key_file", "setting_missing")
	add(c.Print.PerFile < 1 || c.Print.PerFile > 1000, "print.per_file", "setting_range", "1", "1000")
	p := c.Print
	add(p.SFTPHost != "" && p.SFTPUser == "", "print.sftp_user", "setting_missing")
	add(p.SFTPHost != "" && p.SFTPKeyFile == "", "print.sftp_key_file", "setting_missing")
	add(p.SFTPKeyFile != "" && !secretFile(p.SFTPKeyFile), "print.sftp_key_file", "setting_secret")
	add(p.SFTPHost != "" && p.SFTPHostKey == "" && p.SFTPKnownHosts == "", "print.sftp_host_key", "setting_missing")
	add(p.SFTPPort < 1 || p.SFTPPort > 65535, "print.sftp_port", "setting_range", "1", "65535")
	add(m.Host != "" && m.From == "", "mail.from", "setting_missing")
	add(m.Host != "" && m.ReturnDomain == "", "mail.return_domain", "setting_missing")
	add(m.Senders < 1, "mail.senders", "setting_positive")
	add(m.User != "" && m.PasswordFile == "", "mail.password_file", "setting_missing")
	add(m.PasswordFile != "" && !secretFile(m.PasswordFile), "mail.password_file", "setting_secret")
	add(m.Host != "" && !loopback(m.Host) && m.Port == 25, "mail.port", "setting_port")
	add(!slices.Contains([]string{"", "starttls", "implicit", "none"}, m.TLS), "mail.tls", "setting_tls")
	add(m.TLS == "none" && m.Host != "" && !loopback(m.Host), "mail.tls", "setting_tls")
	add((m.DKIMKeyFile == "") != (m.DKIMSelector == ""), "mail.dkim_selector", "setting_missing")
	add(m.DKIMKeyFile != "" && !secretFile(m.DKIMKeyFile), "mail.dkim_key_file", "setting_secret")
	_, err := c.Audit.hours()
	add(err != nil, "audit.office_hours", "setting_hours")
	add(m.PerConnection < 1, "mail.per_connection", "setting_positive")
	return append(out, c.deskFaults()...)
}

// secretFile reports whether only its owner can read a file.
func secretFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 == 0
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// readSecret reads a secret from a file that only its owner can read.
func readSecret(path string) (string, error) {
	if !secretFile(path) {
		return "", fail(exitUsage, "secret_file", errors.New("secret file is missing or readable by others"), path)
	}
	b, err := os.ReadFile(path)
	return strings.TrimRight(string(b), "\r\n"), err
}
