package store

import "context"

const sqlEndLeases = `UPDATE dispatch SET leased_until = 1
	WHERE lease_owner = ? AND state IN ('claimed','handing_over')`

// EndLeases ends the leases on mails that an earlier process of the same
// worker left when it died. Only who knows that no such process runs any more
// may call it: the caller holds the home's journal. Expire then settles the
// letters: claimed ones are queued again, those before the final dot are
// uncertain. It returns how many leases it ended.
func (s *Store) EndLeases(ctx context.Context, worker string) (n int, err error) {
	err = s.write(ctx, "end leases of "+worker, func(c conn) error {
		n, err = c.exec(ctx, sqlEndLeases, worker)
		return err
	})
	return n, err
}
