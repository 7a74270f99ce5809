package store

import (
	"context"
	"errors"
	"fmt"

	"oshirase/letters"
)

const (
	sqlSameContent = `SELECT month, file_id FROM source_file WHERE sha256 = ? AND state = 'active'`
	sqlLeftovers   = `SELECT file_id FROM source_file WHERE sha256 = ? AND state = 'staging'`
	sqlDropRows    = `DELETE FROM source_row WHERE file_id = ?`
	sqlDropFile    = `DELETE FROM source_file WHERE file_id = ? AND state = 'staging'`
	sqlStageFile   = `INSERT INTO source_file (month, sha256, bytes, name, format, encoding, imported_by, staged_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING file_id`
	sqlFiles = `SELECT file_id AS id, month, sha256, bytes, name, format, encoding, rows_read AS rowsread, state,
		imported_by AS importedby, staged_at AS stagedat, activated_at AS activatedat, withdrawn_at AS withdrawnat
		FROM source_file WHERE month = ? ORDER BY file_id`
	sqlFileRows   = `SELECT CAST(COUNT(row_no) AS BIGINT) FROM source_row WHERE file_id = ?`
	sqlFileStages = `SELECT CAST(COUNT(file_id) AS BIGINT) FROM source_file
		WHERE file_id = ? AND state = 'staging' AND finished_at = 0`
	sqlFinishFile = `UPDATE source_file SET rows_read = ?, finished_at = ?
		WHERE file_id = ? AND state = 'staging' AND finished_at = 0`
)

// StageFile begins to take a list in and returns the file's number. It sweeps
// what an earlier, broken-off staging of the same content left. It returns a
// SameContentError when a file that counts has the same content, in any
// month, and ErrApproved when the month is closed to lists. StagedAt may be 0
// for now.
func (s *Store) StageFile(ctx context.Context, f letters.SourceFile) (int64, error) {
	var id int64
	err := s.write(ctx, "stage file", func(c conn) error {
		if err := c.lockOpen(ctx, f.Month); err != nil {
			return err
		}
		if err := c.refuseSame(ctx, f.SHA256); err != nil {
			return err
		}
		if err := c.sweep(ctx, f.SHA256); err != nil {
			return err
		}
		if f.StagedAt == 0 {
			f.StagedAt = s.now().UnixMicro()
		}
		return c.get(ctx, &id, sqlStageFile, f.Month, f.SHA256, f.Bytes, f.Name, f.Format, f.Encoding,
			f.ImportedBy, f.StagedAt)
	})
	return id, err
}

func (c conn) refuseSame(ctx context.Context, sha string) error {
	var same struct {
		Month  letters.Month
		FileID int64 `db:"file_id"`
	}
	err := c.get(ctx, &same, sqlSameContent, sha)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return &SameContentError{Month: same.Month, FileID: same.FileID}
}

func (c conn) sweep(ctx context.Context, sha string) error {
	var left []int64
	if err := c.list(ctx, &left, sqlLeftovers, sha); err != nil {
		return err
	}
	for _, id := range left {
		if err := c.dropStaged(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (c conn) dropStaged(ctx context.Context, id int64) error {
	if _, err := c.exec(ctx, sqlDropRows, id); err != nil {
		return err
	}
	return c.one(ctx, sqlDropFile, id)
}

// StageRows adds a chunk of rows to a file that is being staged, in a
// transaction of its own. The rows count only when a plan activates the file.
func (s *Store) StageRows(ctx context.Context, fileID int64, rows []letters.KeyedRow) error {
	return s.write(ctx, fmt.Sprintf("stage rows of file %d", fileID), func(c conn) error {
		if err := c.staging(ctx, fileID); err != nil {
			return err
		}
		return c.load(ctx, bulkRows, len(rows), func(i int) []any { return rowValues(fileID, &rows[i]) })
	})
}

func (c conn) staging(ctx context.Context, fileID int64) error {
	var n int
	if err := c.get(ctx, &n, sqlFileStages, fileID); err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("file is not being staged: %w", ErrConflict)
	}
	return nil
}

// FinishStaging closes a staged file. rowsRead must be the number of its
// rows in the ledger, the rejected ones too; else ErrConflict.
func (s *Store) FinishStaging(ctx context.Context, fileID int64, rowsRead int) error {
	return s.write(ctx, fmt.Sprintf("finish file %d", fileID), func(c conn) error {
		var have int
		if err := c.get(ctx, &have, sqlFileRows, fileID); err != nil {
			return err
		}
		if have != rowsRead {
			return fmt.Errorf("%d rows read, %d staged: %w", rowsRead, have, ErrConflict)
		}
		return c.one(ctx, sqlFinishFile, rowsRead, s.now().UnixMicro(), fileID)
	})
}

// AbandonFile removes a file that is still being staged, with its rows.
func (s *Store) AbandonFile(ctx context.Context, fileID int64) error {
	return s.write(ctx, fmt.Sprintf("abandon file %d", fileID), func(c conn) error {
		var n int
		if err := c.get(ctx, &n, sqlStagingFile, fileID); err != nil {
			return err
		}
		if n == 0 {
			return ErrConflict
		}
		return c.dropStaged(ctx, fileID)
	})
}

const sqlStagingFile = `SELECT CAST(COUNT(file_id) AS BIGINT) FROM source_file WHERE file_id = ? AND state = 'staging'`

// Files returns the month's files in the order they were taken in, those that
// are being staged and the withdrawn ones too.
func (s *Store) Files(ctx context.Context, m letters.Month) ([]letters.SourceFile, error) {
	var list []letters.SourceFile
	if err := s.reader().list(ctx, &list, sqlFiles, m); err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	return list, nil
}
