package intake

// Limits bound what a file may cost. A zero field means its default.
type Limits struct {
	Size     int64 // bytes of the file; 512 MB
	Unzipped int64 // bytes of all parts of a workbook; 200 MB
	Ratio    int64 // unzipped to zipped size of a part over 1 MB; 100
	Entries  int   // parts of a workbook; 2,000
	Shared   int64 // bytes of shared strings; 64 MB
	Line     int   // bytes of one line of text; 1 MB
	Columns  int   // cells of one record; 512
	Problems int   // problems kept in the report; 10,000
}

func (l Limits) orDefault() Limits {
	set(&l.Size, 512<<20)
	set(&l.Unzipped, 200<<20)
	set(&l.Ratio, 100)
	set(&l.Entries, 2_000)
	set(&l.Shared, 64<<20)
	set(&l.Line, 1<<20)
	set(&l.Columns, 512)
	set(&l.Problems, 10_000)
	return l
}

func set[T int | int64](field *T, standard T) {
	if *field == 0 {
		*field = standard
	}
}
