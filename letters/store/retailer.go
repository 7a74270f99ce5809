package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

const sqlIsAssigned = `SELECT CAST(COUNT(retailer) AS BIGINT) FROM staff_retailer WHERE user_name = ? AND retailer = ?`

// RetailerStatus is where one retailer stands in one month, without any
// customer's data. It is an alias of an unnamed type, so that other packages
// can name it for themselves.
type RetailerStatus = struct {
	Month     letters.Month
	Retailer  string
	Name      string
	Contracts int
	Before    int // contracts in the packet of the month before, -1 = no packet
	Hash      string
	Offered   bool   // the packets are approved
	Briefing  string // "", planned, done
	HeldOn    letters.Date
	Downloads int
}

const (
	statusColumns = `p.month, p.retailer, COALESCE(r.name, p.retailer) AS name, p.contracts,
		COALESCE((SELECT q.contracts FROM packet q WHERE q.retailer = p.retailer AND q.month < p.month
			ORDER BY q.month DESC LIMIT 1), -1) AS before,
		p.hash, CASE m.packets_hash WHEN '' THEN 0 ELSE 1 END AS offered,
		COALESCE((SELECT b.state FROM briefing b WHERE b.retailer = p.retailer AND b.month = p.month
			ORDER BY b.briefing_id DESC LIMIT 1), '') AS briefing,
		COALESCE((SELECT b.held_on FROM briefing b WHERE b.retailer = p.retailer AND b.month = p.month
			ORDER BY b.briefing_id DESC LIMIT 1), '') AS heldon,
		(SELECT CAST(COUNT(x.download_id) AS BIGINT) FROM packet_download x WHERE x.retailer = p.retailer AND x.month = p.month) AS downloads`
	statusTables = `packet p JOIN month_batch m ON m.month = p.month
		LEFT JOIN retailer r ON r.month = p.month AND r.code = p.retailer`
	sqlStatusOfMine = `SELECT ` + statusColumns + ` FROM ` + statusTables + `
		JOIN staff_retailer a ON a.retailer = p.retailer WHERE a.user_name = ? ORDER BY p.month DESC, p.retailer`
	sqlStatusOfAll = `SELECT ` + statusColumns + ` FROM ` + statusTables + ` ORDER BY p.month DESC, p.retailer`
	sqlStatusOfOne = `SELECT ` + statusColumns + ` FROM ` + statusTables + `
		JOIN staff_retailer a ON a.retailer = p.retailer WHERE a.user_name = ? AND p.month = ? AND p.retailer = ?`
)

// RetailerStatuses returns the packets of a person's own retailers, the newest
// month first. The assignment is part of the query.
func (s *Store) RetailerStatuses(ctx context.Context, user string) ([]RetailerStatus, error) {
	var list []RetailerStatus
	if err := s.reader().list(ctx, &list, sqlStatusOfMine, user); err != nil {
		return nil, fmt.Errorf("packets of assigned retailers: %w", err)
	}
	return list, nil
}

// AllRetailerStatuses is the lead's view of every retailer.
func (s *Store) AllRetailerStatuses(ctx context.Context) ([]RetailerStatus, error) {
	var list []RetailerStatus
	if err := s.reader().list(ctx, &list, sqlStatusOfAll); err != nil {
		return nil, fmt.Errorf("packets of all retailers: %w", err)
	}
	return list, nil
}

// AssignedPacket returns a packet with its files when it is of a retailer in
// the person's care, else ErrNotFound, as if it did not exist.
func (s *Store) AssignedPacket(ctx context.Context, user string, m letters.Month, retailer string) (RetailerStatus, letters.Packet, error) {
	var st RetailerStatus
	p := letters.Packet{Month: m, Retailer: retailer}
	c := s.reader()
	err := c.get(ctx, &st, sqlStatusOfOne, user, m, retailer)
	if err == nil {
		p.Contracts, p.Hash = st.Contracts, st.Hash
		err = c.list(ctx, &p.Files, sqlPacketFiles, m, retailer)
	}
	if err != nil {
		return st, letters.Packet{}, fmt.Errorf("packet of %s: %w", retailer, err)
	}
	return st, p, nil
}

const (
	sqlMonthBefore = `SELECT COALESCE(MAX(month), '') FROM packet WHERE retailer = ? AND month < ?`
	packetLines    = `SELECT r.supply_point || r.system AS line
		FROM source_file f JOIN source_row r ON r.file_id = f.file_id
		WHERE f.month = ? AND f.state = 'active' AND r.retailer_code = ? AND r.disaster = 0 AND r.last_resort = 0
		AND (r.outcome IN ('letter','merged','held') OR (r.outcome = 'excluded' AND r.reason = 'told'))`
	sqlChanges = `SELECT CAST(COUNT(x.line) AS BIGINT) FROM (` + packetLines + ` EXCEPT ` + packetLines + `) x`
)

// Changes counts the lines of a retailer's packet that the packet of its month
// before did not have, and those that this one no longer has. before is "" when
// there was none.
func (s *Store) Changes(ctx context.Context, m letters.Month, retailer string) (before letters.Month, added, removed int, err error) {
	c := s.reader()
	if err = c.get(ctx, &before, sqlMonthBefore, retailer, m); err == nil && before != "" {
		if err = c.get(ctx, &added, sqlChanges, m, retailer, before, retailer); err == nil {
			err = c.get(ctx, &removed, sqlChanges, before, retailer, m, retailer)
		}
	}
	if err != nil {
		return "", 0, 0, fmt.Errorf("changes of %s: %w", retailer, err)
	}
	return before, added, removed, nil
}

const (
	sqlBrief = `INSERT INTO briefing (month, retailer, state, held_on, method, briefer, receiver, packet_hash, note, recorded_by, recorded_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	sqlBriefings = `SELECT briefing_id AS id, month, retailer, state, held_on AS heldon, method, briefer, receiver,
		packet_hash AS packethash, note, recorded_by AS recordedby, recorded_at AS recordedat
		FROM briefing WHERE month = ? AND retailer = ? ORDER BY briefing_id`
	sqlDownload = `INSERT INTO packet_download (month, retailer, name, sha256, size, packet_hash, user_name, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING download_id`
	sqlDownloads = `SELECT download_id AS id, month, retailer, name, sha256, size, packet_hash AS packethash, user_name AS "user", at
		FROM packet_download WHERE month = ? AND retailer = ? ORDER BY download_id`
)

// Brief adds a line to a retailer's briefing record, by somebody in whose care
// the retailer is; else ErrNotFound.
func (s *Store) Brief(ctx context.Context, b letters.Briefing) error {
	return s.write(ctx, "record briefing of "+b.Retailer, func(c conn) error {
		if err := c.inCare(ctx, b.RecordedBy, b.Retailer); err != nil {
			return err
		}
		return c.one(ctx, sqlBrief, b.Month, b.Retailer, b.State, b.HeldOn, b.Method, b.Briefer, b.Receiver,
			b.PacketHash, b.Note, b.RecordedBy, s.now().UnixMicro())
	})
}

// inCare returns ErrNotFound unless the retailer is in the person's care.
func (c conn) inCare(ctx context.Context, user, retailer string) error {
	var n int
	err := c.get(ctx, &n, sqlIsAssigned, user, retailer)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// Briefings returns a retailer's briefing record of a month, the oldest first.
func (s *Store) Briefings(ctx context.Context, m letters.Month, retailer string) ([]letters.Briefing, error) {
	var list []letters.Briefing
	if err := s.reader().list(ctx, &list, sqlBriefings, m, retailer); err != nil {
		return nil, fmt.Errorf("briefings of %s: %w", retailer, err)
	}
	return list, nil
}

// Download records that somebody in whose care the retailer is takes a file
// of its packet, and returns the receipt's number; else ErrNotFound.
func (s *Store) Download(ctx context.Context, d letters.Download) (receipt int64, err error) {
	err = s.write(ctx, "record download of "+d.Retailer, func(c conn) error {
		if err := c.inCare(ctx, d.User, d.Retailer); err != nil {
			return err
		}
		return c.get(ctx, &receipt, sqlDownload, d.Month, d.Retailer, d.Name, d.SHA256, d.Size, d.PacketHash, d.User, s.now().UnixMicro())
	})
	return receipt, err
}

// Downloads returns who took which file of a packet, the oldest first.
func (s *Store) Downloads(ctx context.Context, m letters.Month, retailer string) ([]letters.Download, error) {
	var list []letters.Download
	if err := s.reader().list(ctx, &list, sqlDownloads, m, retailer); err != nil {
		return nil, fmt.Errorf("downloads of %s: %w", retailer, err)
	}
	return list, nil
}
