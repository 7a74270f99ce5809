package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

const (
	sqlEnsureMonth = `INSERT INTO month_batch (month) VALUES (?) ON CONFLICT (month) DO NOTHING`
	sqlLockMonth   = `UPDATE month_batch SET month = month WHERE month = ?`
	sqlMonthState  = `SELECT state FROM month_batch WHERE month = ?`
	sqlPreparer    = `INSERT INTO month_preparer (month, user_name) VALUES (?, ?) ON CONFLICT (month, user_name) DO NOTHING`
	sqlPreparers   = `SELECT user_name FROM month_preparer WHERE month = ? ORDER BY user_name`
	monthColumns   = `month, state, printed_on AS date, document_no AS documentno, renderer,
		template_version AS template, batch_hash AS batchhash, approved_by AS approvedby,
		approved_at AS approvedat, packets_hash AS packetshash, packets_by AS packetsby, packets_at AS packetsat,
		COALESCE((SELECT g.confirmed_at FROM purge g WHERE g.month = month_batch.month), 0) AS purgedat`
	sqlMonth  = `SELECT ` + monthColumns + ` FROM month_batch WHERE month = ?`
	sqlMonths = `SELECT ` + monthColumns + ` FROM month_batch ORDER BY month`
)

// EnsureMonth makes the month when the ledger does not have it yet.
func (s *Store) EnsureMonth(ctx context.Context, m letters.Month) error {
	return s.write(ctx, "ensure month", func(c conn) error {
		_, err := c.exec(ctx, sqlEnsureMonth, m)
		return err
	})
}

// Month returns the state of a month, or ErrNotFound.
func (s *Store) Month(ctx context.Context, m letters.Month) (letters.MonthInfo, error) {
	return s.reader().month(ctx, m)
}

func (c conn) month(ctx context.Context, m letters.Month) (letters.MonthInfo, error) {
	var info letters.MonthInfo
	if err := c.get(ctx, &info, sqlMonth, m); err != nil {
		return info, fmt.Errorf("month %s: %w", m, err)
	}
	err := c.list(ctx, &info.PreparedBy, sqlPreparers, m)
	return info, err
}

// Months returns every month of the ledger, the oldest first.
func (s *Store) Months(ctx context.Context) ([]letters.MonthInfo, error) {
	c := s.reader()
	var all []letters.MonthInfo
	if err := c.list(ctx, &all, sqlMonths); err != nil {
		return nil, fmt.Errorf("months: %w", err)
	}
	for i := range all {
		if err := c.list(ctx, &all[i].PreparedBy, sqlPreparers, all[i].Month); err != nil {
			return nil, fmt.Errorf("months: %w", err)
		}
	}
	return all, nil
}

// AddPreparer records that a person has worked on the month: that person can
// never approve it.
func (s *Store) AddPreparer(ctx context.Context, m letters.Month, user string) error {
	return s.write(ctx, "add preparer", func(c conn) error {
		_, err := c.exec(ctx, sqlPreparer, m, user)
		return err
	})
}

// lockMonth makes every change of a month wait for the one before it and
// returns the month's state, or ErrNotFound.
func (c conn) lockMonth(ctx context.Context, m letters.Month) (letters.MonthState, error) {
	if _, err := c.exec(ctx, sqlLockMonth, m); err != nil {
		return "", err
	}
	var state letters.MonthState
	if err := c.get(ctx, &state, sqlMonthState, m); err != nil {
		return "", fmt.Errorf("month %s: %w", m, err)
	}
	return state, nil
}

// lockOpen is lockMonth for what only an open month allows.
func (c conn) lockOpen(ctx context.Context, m letters.Month) error {
	state, err := c.lockMonth(ctx, m)
	if err == nil && state != letters.MonthOpen {
		return ErrApproved
	}
	return err
}

const (
	sqlDropRetailers = `DELETE FROM retailer WHERE month = ?`
	sqlRetailers     = `SELECT code, name, department, postal_code AS postalcode, address, contact, mail
		FROM retailer WHERE month = ? ORDER BY code`
	bulkRetailers bulk = `retailer (month, code, name, department, postal_code, address, contact, mail)`
)

// PutRetailers replaces the month's retailer list.
func (s *Store) PutRetailers(ctx context.Context, m letters.Month, list []letters.Retailer) error {
	return s.write(ctx, "put retailers", func(c conn) error {
		if err := c.lockOpen(ctx, m); err != nil {
			return err
		}
		if _, err := c.exec(ctx, sqlDropRetailers, m); err != nil {
			return err
		}
		return c.load(ctx, bulkRetailers, len(list), func(i int) []any {
			r := list[i]
			return []any{m, r.Code, r.Name, r.Department, r.PostalCode, r.Address, r.Contact, r.Mail}
		})
	})
}

// Retailers returns the month's retailer list by code.
func (s *Store) Retailers(ctx context.Context, m letters.Month) ([]letters.Retailer, error) {
	var list []letters.Retailer
	if err := s.reader().list(ctx, &list, sqlRetailers, m); err != nil {
		return nil, fmt.Errorf("retailers: %w", err)
	}
	return list, nil
}
