package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

// sqlKnown finds a file by its hash among everything that was made or taken
// in. A print file stands in it once, whatever the number of its letters.
const sqlKnown = `
	SELECT 'letter' AS kind, month, letter_id AS letterid, generation, '' AS run, '' AS name, '' AS retailer
	FROM dispatch WHERE file_hash = ?
	UNION
	SELECT 'print_file', r.month, '', 0, i.run_id, i.file, ''
	FROM print_item i JOIN print_run r ON r.run_id = i.run_id WHERE i.file_hash = ?
	UNION
	SELECT 'manifest', month, '', 0, run_id, '', '' FROM print_run WHERE manifest = ?
	UNION
	SELECT 'packet', month, '', 0, '', name, retailer FROM packet_file WHERE sha256 = ?
	UNION
	SELECT 'list', month, '', 0, '', name, '' FROM source_file WHERE sha256 = ?
	UNION
	SELECT kind, '', '', 0, '', name, '' FROM receipt WHERE sha256 = ?
	ORDER BY 1, 2, 3, 4, 5, 6, 7`

// Known returns what the ledger knows of a file by its hex SHA-256: nothing
// for a file that it does not know.
func (s *Store) Known(ctx context.Context, sha256 string) ([]letters.KnownFile, error) {
	var list []letters.KnownFile
	if err := s.reader().list(ctx, &list, sqlKnown, sha256, sha256, sha256, sha256, sha256, sha256); err != nil {
		return nil, fmt.Errorf("look up a file by its hash: %w", err)
	}
	return list, nil
}
