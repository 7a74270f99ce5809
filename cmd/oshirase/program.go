package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"oshirase/templates"
)

// program is one run of the command with everything it takes from outside, so
// that tests can start the real thing.
type program struct {
	in       *os.File
	out, err io.Writer
	env      func(string) (string, bool)
	now      func() time.Time
	random   io.Reader
	account  string // of the machine, for the audit chain

	homeDir string
	dbURL   string
	asJSON  bool

	reported bool // the command's one object, or its text, is out
	words    *words
	log      *slog.Logger
}

// run executes the command line and returns the exit status.
func (p *program) run(ctx context.Context, args []string) (code int) {
	defer func() {
		if v := recover(); v != nil {
			code = p.panicked(v)
		}
	}()
	p.log = slog.New(slog.NewJSONHandler(p.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	w, err := readWords(templates.Shipped())
	if err != nil {
		p.log.Error("read the program's own words", slog.String("error", err.Error()))
		return exitFailed
	}
	p.words = w
	root := p.root()
	root.SetArgs(args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	err = root.ExecuteContext(ctx)
	return p.exit(err)
}

// panicked says where a defect of the program showed, by the kind of the
// panic's value and not by the value, which may hold anything.
func (p *program) panicked(v any) int {
	err := fmt.Errorf("panic of type %T", v)
	p.log.Error("command failed", slog.String("error", err.Error()), slog.String("stack", string(debug.Stack())))
	fmt.Fprintln(p.err, p.words.sentence("failed", err.Error()))
	return exitFailed
}

// root holds the flags that every command has.
func (p *program) root() *cobra.Command {
	root := p.command("oshirase", nil)
	root.Version = version
	root.Flags().Bool("version", false, p.words.flag("version"))
	root.SilenceErrors, root.SilenceUsage = true, true
	home := "oshirase-home"
	if v, ok := p.env("OSHIRASE_HOME"); ok {
		home = v
	}
	db, _ := p.env("OSHIRASE_DB")
	f := root.PersistentFlags()
	f.StringVar(&p.homeDir, "home", home, p.words.flag("home"))
	f.StringVar(&p.dbURL, "db", db, p.words.flag("db"))
	f.BoolVar(&p.asJSON, "json", false, p.words.flag("json"))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError(err) })
	root.SetUsageTemplate(p.words.usage)
	root.SetHelpTemplate(p.words.usage)
	root.InitDefaultHelpCmd()
	root.AddCommand(
		p.cmdDemo(), p.cmdSample(), p.cmdImport(), p.cmdWithdraw(), p.cmdCheck(), p.cmdProof(),
		p.cmdRender(), p.cmdApprove(), p.cmdRelease(), p.cmdWork(), p.cmdMail(), p.cmdPackets(), p.cmdReport(),
		p.cmdAudit(), p.cmdReconcile(), p.cmdStatus(), p.cmdShow(), p.cmdPDF(), p.cmdVerify(), p.cmdServe(), p.cmdUser(), p.cmdConfig(), p.cmdMigrate(),
		p.cmdPostal(),
		p.cmdDecide(), p.cmdPrint(), p.cmdReturned(), p.cmdBounce(), p.cmdEvidence(),
		p.cmdBackup(), p.cmdRestore(), p.cmdPurge(), p.cmdLicences(),
	)
	p.inOurWords(root)
	return root
}

// inOurWords says in our words what cobra would say in English: the command
// that writes shell completion, and the home that stands where none is given.
func (p *program) inOurWords(root *cobra.Command) {
	home := root.PersistentFlags().Lookup("home")
	home.Usage, home.DefValue = p.words.sentence("default_home", home.Usage, home.DefValue), ""
	root.InitDefaultCompletionCmd()
	i := slices.IndexFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == "completion" })
	completion := root.Commands()[i]
	short := p.words.help("completion").Short
	completion.Short, completion.Long = short, short
	for _, shell := range completion.Commands() {
		shell.Short, shell.Long = short+"（"+shell.Name()+"）", ""
	}
}

// command makes a subcommand whose words stand in templates/cli/help.toml.
func (p *program) command(use string, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	h := p.words.help(use)
	c := &cobra.Command{Use: p.words.usageOf(use), Short: h.Short, Long: h.text(), RunE: run, DisableFlagsInUseLine: true}
	c.Flags().BoolP("help", "h", false, p.words.flag("help"))
	return c
}

// inHome returns a path in the home directory.
func (p *program) inHome(parts ...string) string {
	return filepath.Join(append([]string{p.homeDir}, parts...)...)
}

// usageError marks an error as wrong usage, exit status 2.
func usageError(err error) error {
	if key := misuse(err); key != "usage" {
		return fail(exitUsage, key, err, misused(err))
	}
	return fail(exitUsage, "usage", err, err.Error())
}

// args wraps cobra's counting of arguments so that it speaks our words.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := check(cmd, given); err != nil {
			return fail(exitUsage, "usage_args", errors.New("wrong number of arguments"), cmd.UseLine())
		}
		return nil
	}
}
