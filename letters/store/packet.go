package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"oshirase/letters"
)

// A 新電力 row is neither 非常災害対応 nor 最終保障供給. Its notice follows the
// letter of this month, or for a row told before (通知済) the letter that did.
const sqlPacketRows = `SELECT r.retailer_code, r.supply_point, r.system, r.supply, r.items, r.first_on, r.last_on, r.outcome,
	COALESCE(d.state, (SELECT d2.state FROM letter_case lc
		JOIN letter l2 ON l2.letter_id = lc.letter_id
		JOIN dispatch d2 ON d2.letter_id = l2.letter_id AND d2.generation = l2.generation
		WHERE lc.case_key = r.case_key AND lc.link = 'told' AND l2.month <> f.month
		ORDER BY l2.month DESC, lc.version DESC LIMIT 1), '')
	FROM source_file f JOIN source_row r ON r.file_id = f.file_id
	LEFT JOIN letter l ON l.letter_id = r.letter_id
	LEFT JOIN dispatch d ON d.letter_id = l.letter_id AND d.generation = l.generation
	WHERE f.month = ? AND f.state = 'active' AND r.disaster = 0 AND r.last_resort = 0
	AND (r.outcome IN ('letter','merged','held') OR (r.outcome = 'excluded' AND r.reason = 'told'))
	ORDER BY r.retailer_code, r.supply_point, r.system, r.file_id, r.row_no`

// PacketRows calls each for every line of the month's packets, ordered by
// retailer, supply point and system: one line per contract and system, its
// items united in the order they are met, its dates widened. What a retailer
// may know of the letter is Notice; of several customers of one contract the
// one least far on counts.
func (s *Store) PacketRows(ctx context.Context, m letters.Month, each func(letters.PacketRow) error) error {
	var line letters.PacketRow
	flush := func() error {
		if line.SupplyPoint == "" {
			return nil
		}
		return each(line)
	}
	err := s.reader().each(ctx, sqlPacketRows, func(scan func(...any) error) error {
		var r letters.PacketRow
		var outcome letters.Outcome
		var state letters.State
		err := scan(&r.RetailerCode, &r.SupplyPoint, &r.System, &r.Supply, (*words[letters.ItemCode])(&r.Confirmed),
			&r.First, &r.Last, &outcome, &state)
		if err != nil {
			return err
		}
		r.Unrecorded = len(r.Confirmed) == 0
		r.Notice = noticeOf(outcome, state)
		if sameLine(line, r) {
			line = united(line, r)
			return nil
		}
		err = flush()
		line = r
		return err
	}, m)
	if err == nil {
		err = flush()
	}
	if err != nil {
		return fmt.Errorf("packet rows of %s: %w", m, err)
	}
	return nil
}

func sameLine(a, b letters.PacketRow) bool {
	return a.RetailerCode == b.RetailerCode && a.SupplyPoint == b.SupplyPoint && a.System == b.System
}

func united(a, b letters.PacketRow) letters.PacketRow {
	for _, item := range b.Confirmed {
		if !slices.Contains(a.Confirmed, item) {
			a.Confirmed = append(a.Confirmed, item)
		}
	}
	a.Unrecorded = a.Unrecorded || b.Unrecorded
	a.First, a.Last = min(a.First, b.First), max(a.Last, b.Last)
	if noticeRank(b.Notice) < noticeRank(a.Notice) {
		a.Notice = b.Notice
	}
	return a
}

func noticeRank(n letters.Notice) int {
	return slices.Index([]letters.Notice{letters.NoticePreparing, letters.NoticeReturned, letters.NoticeTold}, n)
}

// noticeOf says what a retailer may know. A held row is preparing, whatever
// the reason; a letter at the printer's is not yet told.
func noticeOf(outcome letters.Outcome, state letters.State) letters.Notice {
	if outcome == letters.OutHeld {
		return letters.NoticePreparing
	}
	switch state {
	case letters.Posted, letters.Accepted, letters.Closed:
		return letters.NoticeTold
	case letters.Returned, letters.Bounced, letters.ClosedUnreachable:
		return letters.NoticeReturned
	}
	return letters.NoticePreparing
}

const (
	sqlDropPacketFiles = `DELETE FROM packet_file WHERE month = ? AND retailer = ?`
	sqlOldPacket       = `SELECT COALESCE(MAX(hash), '') FROM packet WHERE month = ? AND retailer = ?`
	sqlPutPacket       = `INSERT INTO packet (month, retailer, contracts, lines, hash, made_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (month, retailer) DO UPDATE SET contracts = excluded.contracts, lines = excluded.lines,
		hash = excluded.hash, made_at = excluded.made_at`
	bulkPacketFiles bulk = `packet_file (month, retailer, name, sha256, size)`
	sqlVoidPackets       = `UPDATE month_batch SET packets_hash = '', packets_by = '', packets_at = 0 WHERE month = ?`
	sqlPackets           = `SELECT month, retailer, contracts, lines AS rows, hash FROM packet WHERE month = ? ORDER BY retailer`
	sqlPacketFiles       = `SELECT name, sha256, size FROM packet_file WHERE month = ? AND retailer = ? ORDER BY name`
)

// PutPacket records a packet as it was made, in place of an older one of the
// same retailer. Another content than before takes back the approval of the
// month's packets.
func (s *Store) PutPacket(ctx context.Context, p letters.Packet) error {
	return s.write(ctx, "put packet", func(c conn) error {
		if _, err := c.lockMonth(ctx, p.Month); err != nil {
			return err
		}
		var old string
		if err := c.get(ctx, &old, sqlOldPacket, p.Month, p.Retailer); err != nil {
			return err
		}
		if _, err := c.exec(ctx, sqlDropPacketFiles, p.Month, p.Retailer); err != nil {
			return err
		}
		err := c.one(ctx, sqlPutPacket, p.Month, p.Retailer, p.Contracts, p.Rows, p.Hash, s.now().UnixMicro())
		if err != nil {
			return err
		}
		err = c.load(ctx, bulkPacketFiles, len(p.Files), func(i int) []any {
			f := p.Files[i]
			return []any{p.Month, p.Retailer, f.Name, f.SHA256, f.Size}
		})
		if err != nil || old == p.Hash {
			return err
		}
		_, err = c.exec(ctx, sqlVoidPackets, p.Month)
		return err
	})
}

const (
	sqlDropAllPacketFiles = `DELETE FROM packet_file WHERE month = ?`
	sqlDropAllPackets     = `DELETE FROM packet WHERE month = ?`
)

// dropPackets forgets packets whose rows have changed, and their approval.
func (c conn) dropPackets(ctx context.Context, m letters.Month) error {
	for _, q := range []string{sqlDropAllPacketFiles, sqlDropAllPackets, sqlVoidPackets} {
		if _, err := c.exec(ctx, q, m); err != nil {
			return err
		}
	}
	return nil
}

// Packets returns the month's packets by retailer, with their files by name.
func (s *Store) Packets(ctx context.Context, m letters.Month) ([]letters.Packet, error) {
	return s.reader().packets(ctx, m)
}

func (c conn) packets(ctx context.Context, m letters.Month) ([]letters.Packet, error) {
	var list []letters.Packet
	if err := c.list(ctx, &list, sqlPackets, m); err != nil {
		return nil, fmt.Errorf("packets of %s: %w", m, err)
	}
	for i := range list {
		if err := c.list(ctx, &list[i].Files, sqlPacketFiles, m, list[i].Retailer); err != nil {
			return nil, fmt.Errorf("files of packets of %s: %w", m, err)
		}
	}
	return list, nil
}

const sqlApprovePackets = `UPDATE month_batch SET packets_hash = ?, packets_by = ?, packets_at = ? WHERE month = ?`

// ApprovePackets is the second person's approval of all packets of a month.
// hash is the PacketsHash that the person saw; another one now is ErrConflict.
// It returns ErrSamePerson and ErrNoPreparer as Approve does.
func (s *Store) ApprovePackets(ctx context.Context, m letters.Month, by, hash string, at time.Time) error {
	return s.write(ctx, "approve packets of "+string(m), func(c conn) error {
		if _, err := c.lockMonth(ctx, m); err != nil {
			return err
		}
		info, err := c.month(ctx, m)
		if err != nil {
			return err
		}
		if err := c.secondPerson(ctx, info, "packets", by, hash, at); err != nil {
			return err
		}
		list, err := c.packets(ctx, m)
		if err != nil {
			return err
		}
		if len(list) == 0 || packetsHash(list) != hash {
			return fmt.Errorf("packets hash: %w", ErrConflict)
		}
		return c.one(ctx, sqlApprovePackets, hash, by, at.UnixMicro(), m)
	})
}

// PacketsHash returns the hash that approval of the month's packets binds to:
// hex SHA-256 over every packet's retailer and hash, by retailer. It returns
// ErrNotFound when the month has no packet.
func (s *Store) PacketsHash(ctx context.Context, m letters.Month) (string, error) {
	list, err := s.Packets(ctx, m)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fmt.Errorf("packets of %s: %w", m, ErrNotFound)
	}
	return packetsHash(list), nil
}
