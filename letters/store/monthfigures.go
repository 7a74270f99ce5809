package store

import (
	"context"
	"fmt"

	"oshirase/letters"
)

const sqlMonthFigureRows = `SELECT r.supply_point, r.system, r.retailer_code, r.disaster, r.last_resort
	FROM source_file f JOIN source_row r ON r.file_id = f.file_id
	WHERE f.month = ? AND f.state = 'active' AND r.rejected = 0
	ORDER BY f.file_id, r.row_no`

// MonthFigureRows calls each for every row of one month's lists that counts
// now: what import and status say of the month alone.
func (s *Store) MonthFigureRows(ctx context.Context, m letters.Month, each func(letters.FigureRow) error) error {
	err := s.reader().each(ctx, sqlMonthFigureRows, func(scan func(...any) error) error {
		var r letters.FigureRow
		if err := scan(&r.SupplyPoint, &r.System, &r.RetailerCode, &r.Disaster, &r.LastResort); err != nil {
			return err
		}
		return each(r)
	}, m)
	if err != nil {
		return fmt.Errorf("figure rows of %s: %w", m, err)
	}
	return nil
}
