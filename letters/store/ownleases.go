package store

import "context"

const sqlEndLeases = `UPDATE dispatch SET leased_until = CAST(? AS BIGINT)
	WHERE lease_owner = ? AND state IN ('claimed','handing_over')`

// EndLeases ends the leases on mails that an earlier process of the same
// worker left when it died. Only who knows that no such process runs any more
// may call it: the caller holds the home's journal. Expire then settles the
// letters: claimed ones are queued again, those before the final dot are
// uncertain. A lease ends at this moment and not long ago, so that nobody who
// dies before Expire leaves what looks forgotten (I9). It returns how many
// leases it ended.
func (s *Store) EndLeases(ctx context.Context, worker string) (n int, err error) {
	err = s.write(ctx, "end leases of "+worker, func(c conn) error {
		at, err := c.clock(ctx)
		if err != nil {
			return err
		}
		n, err = c.exec(ctx, sqlEndLeases, at-1, worker)
		return err
	})
	return n, err
}
