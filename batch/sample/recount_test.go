package sample

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

// The recount reads the finished files with code of its own: it knows the
// headings and the rules of the list and nothing of how the list was drawn.

func TestRecountAgrees(t *testing.T) {
	t.Parallel()
	for _, contracts := range []int{1, 2, 7, 100, 3000} {
		for i, encoding := range encodings() {
			if contracts == 3000 && encoding != CP932 && encoding != XLSX {
				continue
			}
			seed := uint64(contracts + i)
			truth, dir := write(t, Options{Contracts: contracts, Seed: seed, Encoding: encoding})
			var stored Truth
			if err := json.Unmarshal(read(t, dir, "truth.json"), &stored); err != nil || stored != truth {
				t.Errorf("truth.json %+v, %v, want %+v", stored, err, truth)
			}
			list := records(t, dir, encoding)
			if got := recount(list); got != truth.Counts {
				t.Errorf("%d %s: recount\n%+v, truth\n%+v", contracts, encoding, got, truth.Counts)
			}
			if truth.ViewedContracts != contracts || truth.RejectedRows != 0 {
				t.Errorf("%d contracts asked, truth %+v", contracts, truth)
			}
			checkRetailers(t, list, parseCSV(t, decoded(t, filepath.Join(dir, "retailers.csv"), sideOf(encoding)), sideOf(encoding)))
		}
	}
}

// TestRecountCanFail plants one fault of each kind.
func TestRecountCanFail(t *testing.T) {
	t.Parallel()
	truth, dir := write(t, Options{Contracts: 100, Seed: 5})
	faults := map[string]func([]record) []record{
		"row lost":     func(l []record) []record { return l[1:] },
		"row repeated": func(l []record) []record { return append(l, l[0]) },
		"held": func(l []record) []record {
			i := slices.IndexFunc(l, func(r record) bool { return !held(r) && !yes(r["非常災害対応"]) })
			l[i]["取扱区分"] = "死亡"
			return l
		},
		"retailer": func(l []record) []record { l[0]["小売電気事業者コード"] = "99999"; return l },
	}
	for what, plant := range faults {
		if recount(plant(records(t, dir, CP932))) == truth.Counts {
			t.Errorf("%s: not noticed", what)
		}
	}
}

func yes(s string) bool { return slices.Contains([]string{"1", "○", "有", "はい", "TRUE"}, s) }

func held(r record) bool {
	return r["取扱区分"] != "" && r["取扱区分"] != "通常" || r["郵便番号"] == "" || r["住所"] == "" ||
		strings.ContainsFunc(r["契約名義"], func(c rune) bool { return c >= 0xE000 && c < 0xF900 })
}

func join(r record, columns ...string) string {
	var all []string
	for _, c := range columns {
		if _, ok := r[c]; !ok {
			panic("no column " + c)
		}
		all = append(all, r[c])
	}
	return strings.Join(all, "\x00")
}

// onlyDigits keeps ASCII and full-width digits.
func onlyDigits(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9':
			return c
		case c >= '０' && c <= '９':
			return c - '０' + '0'
		}
		return -1
	}, s)
}

func recount(rows []record) letters.Counts {
	c := letters.Counts{Rows: len(rows)}
	class := map[string]int{} // supply point → 3 新電力, 2 最終保障, 1 非常災害
	sets := map[string]map[string]bool{"CC": {}, "NW": {}, "all": {}, "keys": {}}
	cases, holds := map[string]int{}, map[string]bool{} // letter → its cases, whether held
	for _, r := range rows {
		point, system := onlyDigits(r["供給地点特定番号"]), "CC"
		if strings.HasPrefix(r["閲覧システム"], "N") || strings.HasPrefix(r["閲覧システム"], "ネ") {
			system = "NW"
		}
		if yes(r["非常災害対応"]) {
			c.ExcludedRows++
			class[point] = max(class[point], 1)
			continue
		}
		if yes(r["最終保障供給"]) {
			class[point] = max(class[point], 2)
		} else {
			class[point] = 3
			sets[system][r["小売電気事業者コード"]] = true
			sets["all"][r["小売電気事業者コード"]] = true
		}
		letter := join(r, "契約名義", "郵便番号", "住所", "方書", "個人法人区分", "契約名義カナ", "連絡先電話番号")
		holds[letter] = holds[letter] || held(r)
		key := point + system + join(r, "契約名義", "小売電気事業者コード")
		if sets["keys"][key] {
			c.MergedRows++
			continue
		}
		sets["keys"][key] = true
		cases[letter]++
	}
	for letter, n := range cases {
		if holds[letter] {
			c.HeldRows += n
		} else {
			c.LetterRows += n
			c.Letters++
		}
	}
	for _, k := range class {
		c.DisasterContracts += btoi(k == 1)
		c.LastResortContracts += btoi(k == 2)
		c.ViewedContracts += btoi(k == 3)
	}
	c.RetailersCC, c.RetailersNW, c.Retailers = len(sets["CC"]), len(sets["NW"]), len(sets["all"])
	return c
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// checkRetailers holds the list against the retailer list.
func checkRetailers(t *testing.T, list, retailers []record) {
	t.Helper()
	names := map[string]string{}
	for _, r := range retailers {
		code := r["小売電気事業者コード"]
		if _, twice := names[code]; twice || !strings.HasPrefix(code, "0") {
			t.Errorf("retailer code %q stands twice or has no leading zero", code)
		}
		names[code] = r["小売電気事業者名"]
	}
	for i, r := range list {
		code, name := r["小売電気事業者コード"], r["小売電気事業者名"]
		if code == "" != yes(r["最終保障供給"]) || code == "" && name != "" {
			t.Fatalf("row %d: retailer %q beside 最終保障供給 %q", i+2, code, r["最終保障供給"])
		}
		if want, ok := names[code]; code != "" && (!ok || name != "" && name != want) {
			t.Fatalf("row %d: retailer %q is called %q, in the retailer list %q", i+2, code, name, want)
		}
	}
}

// TestRowsAreAllowed holds every row against the rules of the format.
func TestRowsAreAllowed(t *testing.T) {
	t.Parallel()
	_, dir := write(t, Options{Contracts: 3000, Seed: 8, Encoding: UTF8})
	seen := map[string]int{}
	for i, r := range records(t, dir, UTF8) {
		nw, low := !strings.HasPrefix(r["閲覧システム"], "C") && !strings.HasPrefix(r["閲覧システム"], "コ"), r["需要種別"] == "低圧"
		if p := strings.ReplaceAll(r["供給地点特定番号"], "-", ""); len(p) != 22 || p != onlyDigits(p) || p[:2] != "09" {
			t.Fatalf("row %d: supply point %q", i+2, p)
		}
		if nw && !low || yes(r["最終保障供給"]) && (low || nw) {
			t.Fatalf("row %d is impossible: %v", i+2, r)
		}
		for _, item := range strings.FieldsFunc(r["閲覧項目"], func(c rune) bool { return strings.ContainsRune("、・,；", c) }) {
			low5 := []string{"契約名義", "連絡先電話番号", "小売電気事業者コード", "設備容量", "接続送電サービスメニューコード"}
			if !low && item != "契約名義" && item != "連絡先" || low && !slices.Contains(low5, item) || nw && item == low5[2] {
				t.Fatalf("row %d: item %q of %s in %s", i+2, item, r["需要種別"], r["閲覧システム"])
			}
		}
		first, last := dateOf(t, r["初回閲覧日"]), dateOf(t, r["最終閲覧日"])
		if first < "2022-04-01" || first > "2023-01-09" || last != "" && (last < first || last > "2023-01-09") {
			t.Fatalf("row %d: seen %s to %s", i+2, first, last)
		}
		if p := onlyDigits(r["連絡先電話番号"]); p != "" && (len(p) != 11 || p[3:7] != "0000") {
			t.Fatalf("row %d: telephone %q", i+2, p)
		}
		if m := r["メールアドレス"]; m != "" && !strings.HasSuffix(m, "@example.jp") {
			t.Fatalf("row %d: mailbox %q", i+2, m)
		}
		for what, is := range map[string]bool{"email": r["通知方法"] == "メール", "eudc": strings.ContainsRune(r["契約名義"], 0xE000),
			"hard": strings.ContainsAny(r["契約名義"], "𠮷𡈽"), "selector": strings.ContainsRune(r["契約名義"], 0xE0100),
			"half width": strings.ContainsRune(r["契約名義"], 'ﾃ'), "no items": r["閲覧項目"] == "", "extra high": strings.HasPrefix(r["需要種別"], "特"),
			"hyphens": strings.Contains(r["供給地点特定番号"], "-"), "handling": r["取扱区分"] == "支援措置", "no address": r["住所"] == ""} {
			seen[what] += btoi(is)
		}
	}
	for _, what := range []string{"email", "eudc", "hard", "selector", "half width", "no items", "extra high", "hyphens", "handling", "no address"} {
		if seen[what] == 0 {
			t.Errorf("no row with %s in 3,000 contracts", what)
		}
	}
}

// dateOf reads the forms the list may have; the test knows no other.
func dateOf(t *testing.T, s string) string {
	t.Helper()
	if s == "" {
		return ""
	}
	plain := strings.Map(func(c rune) rune {
		switch {
		case c >= '！' && c <= '～':
			return c - '！' + '!'
		case c == '年' || c == '月' || c == '/' || c == '.':
			return '-'
		case c == '日':
			return -1
		}
		return c
	}, s)
	plain = strings.ReplaceAll(strings.ReplaceAll(plain, "／", "-"), "/", "-")
	era := 0
	for _, mark := range []string{"令和", "R"} {
		if rest, ok := strings.CutPrefix(plain, mark); ok {
			plain, era = rest, 2018
		}
	}
	var y, m, d int
	if n, err := fmt.Sscanf(plain, "%d-%d-%d", &y, &m, &d); n != 3 || err != nil {
		t.Fatalf("date %q: %v", s, err)
	}
	return fmt.Sprintf("%04d-%02d-%02d", y+era, m, d)
}

// TestLibreOfficeReadsTheSame opens the workbook as an office would and
// compares every cell with the CSV of the same draw.
func TestLibreOfficeReadsTheSame(t *testing.T) {
	t.Parallel()
	o := Options{Contracts: 60, Seed: 4, Encoding: XLSX}
	_, dir := write(t, o)
	cmd := exec.Command("soffice", "--headless", "-env:UserInstallation=file://"+filepath.Join(t.TempDir(), "profile"),
		"--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false", "--outdir", dir, filepath.Join(dir, "list.xlsx"))
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
	text := strings.ReplaceAll(string(read(t, dir, "list.csv")), "\r", "")
	got := parseCSV(t, strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\n", "\r\n"), UTF8)
	o.Encoding = UTF8
	_, plain := write(t, o)
	want := records(t, plain, UTF8)
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		for column, text := range want[i] {
			if office(got[i][column]) != text {
				t.Errorf("row %d, %s: %q, want %q", i+2, column, got[i][column], text)
			}
		}
	}
}

// office undoes how LibreOffice's CSV writes a date cell.
func office(s string) string {
	if day, err := time.Parse("01/02/2006", s); err == nil {
		return day.Format("2006/1/2")
	}
	return s
}
