package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alexedwards/argon2id"
	"github.com/spf13/cobra"

	"oshirase/letters"
	"oshirase/letters/audit"
	"oshirase/letters/store"
)

func (p *program) cmdUser() *cobra.Command {
	c := p.command("user", nil)
	c.AddCommand(p.userAdd(), p.userList(), p.userPassword(), p.userDisable(), p.userRetailers())
	return c
}

// subcommand is a command whose words stand under "parent name".
func (p *program) subcommand(parent, use string, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	c := p.command(use, run)
	h := p.words.help(parent + "_" + c.Name())
	c.Short, c.Long = h.Short, h.text()
	return c
}

func (p *program) userAdd() *cobra.Command {
	var role string
	c := p.subcommand("user", "add NAME", func(cmd *cobra.Command, given []string) error {
		r, err := letters.ParseRole(role)
		if err != nil {
			return err
		}
		if err := userName(given[0]); err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error {
			hash, err := p.newHash(given[0])
			if err != nil {
				return err
			}
			if err := h.noteUser(cmd.Context(), "user_add", given[0], string(r)); err != nil {
				return err
			}
			if err := h.store.AddUser(cmd.Context(), letters.User{Name: given[0], Role: r, PasswordHash: hash}); errors.Is(err, store.ErrConflict) {
				return fail(exitUsage, "user_exists", err, given[0])
			} else if err != nil {
				return fmt.Errorf("add user: %w", err)
			}
			return p.report("user", userJSON{Name: given[0], Role: r})
		})
	})
	c.Args = args(cobra.ExactArgs(1))
	c.Flags().StringVar(&role, "role", "", p.words.flag("role"))
	_ = c.MarkFlagRequired("role")
	return c
}

// userJSON is a person without anything secret.
type userJSON struct {
	Name     string       `json:"name"`
	Role     letters.Role `json:"role"`
	Disabled bool         `json:"disabled"`
}

func (p *program) newHash(name string) (string, error) {
	password, err := p.newPassword(name)
	if err != nil {
		return "", err
	}
	hash, err := argon2id.CreateHash(password, hashing())
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

func (p *program) userList() *cobra.Command {
	c := p.subcommand("user", "list", func(cmd *cobra.Command, _ []string) error {
		return p.withHome(cmd.Context(), func(h *house) error {
			all, err := h.store.Users(cmd.Context())
			if err != nil {
				return fmt.Errorf("list users: %w", err)
			}
			out := make([]userJSON, 0, len(all))
			for _, u := range all {
				out = append(out, userJSON{u.Name, u.Role, u.Disabled})
			}
			return p.report("users", struct {
				Users []userJSON `json:"users"`
			}{out})
		})
	})
	c.Args = args(cobra.NoArgs)
	return c
}

func (p *program) userPassword() *cobra.Command {
	c := p.subcommand("user", "password NAME", func(cmd *cobra.Command, given []string) error {
		return p.changeUser(cmd, given[0], func(h *house) error {
			hash, err := p.newHash(given[0])
			if err != nil {
				return err
			}
			if err := h.noteUser(cmd.Context(), "user_password", given[0], ""); err != nil {
				return err
			}
			return h.store.SetPassword(cmd.Context(), given[0], hash)
		})
	})
	c.Args = args(cobra.ExactArgs(1))
	return c
}

func (p *program) userDisable() *cobra.Command {
	c := p.subcommand("user", "disable NAME", func(cmd *cobra.Command, given []string) error {
		return p.changeUser(cmd, given[0], func(h *house) error {
			if err := h.noteUser(cmd.Context(), "user_disable", given[0], ""); err != nil {
				return err
			}
			return h.store.DisableUser(cmd.Context(), given[0])
		})
	})
	c.Args = args(cobra.ExactArgs(1))
	return c
}

// userRetailers sets the retailers whose packets a person of 小売対応 sees.
func (p *program) userRetailers() *cobra.Command {
	c := p.subcommand("user", "retailers NAME CODE…", func(cmd *cobra.Command, given []string) error {
		return p.changeUser(cmd, given[0], func(h *house) error {
			for _, part := range letters.JoinCodes(given[1:]) {
				if err := h.noteUser(cmd.Context(), "user_retailers", given[0], part); err != nil {
					return err
				}
			}
			err := h.store.AssignRetailers(cmd.Context(), given[0], given[1:])
			if errors.Is(err, store.ErrConflict) {
				return fail(exitRefused, "user_not_retail", err, given[0])
			}
			return err
		})
	})
	c.Args = args(cobra.MinimumNArgs(1))
	return c
}

// noteUser puts a change of somebody's account into the audit chain before it is
// made, as the desk does: who may look, since when, and by whom.
func (h *house) noteUser(ctx context.Context, action, name, reason string) error {
	return h.note(ctx, audit.Entry{Actor: h.p.accountName(), Action: action, Object: name, Reason: reason, Outcome: "tried", Client: "terminal"})
}

// changeUser changes somebody who exists and reports how they stand.
func (p *program) changeUser(cmd *cobra.Command, name string, change func(h *house) error) error {
	return p.withHome(cmd.Context(), func(h *house) error {
		if _, err := h.store.User(cmd.Context(), name); err != nil {
			return fail(exitUsage, "user_unknown", errors.Join(errSignIn, err), name)
		}
		if err := change(h); err != nil {
			return fmt.Errorf("change user: %w", err)
		}
		u, err := h.store.User(cmd.Context(), name)
		if err != nil {
			return err
		}
		return p.report("user", userJSON{u.Name, u.Role, u.Disabled})
	})
}
