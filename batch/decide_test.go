package batch

import (
	"context"
	"errors"
	"testing"
	"time"

	"oshirase/letters"
)

// bench is a ledger of one recipient that takes proposals.
type bench struct{ taken []letters.Proposal }

func (b *bench) Letter(_ context.Context, id letters.ID) (letters.Letter, []letters.Dispatch, error) {
	return letters.Letter{ID: id, Recipient: letters.Recipient{Name: "電力　太郎", Kana: "デンリョク　タロウ", PostalCode: "8100004",
		Address: "福岡市中央区見本１−２−３", Building: "見本荘２０１", Phone: "0920000000", Mail: "taro@example.jp"}}, nil, nil
}

func (b *bench) Propose(_ context.Context, p letters.Proposal, _ time.Time) (int64, error) {
	b.taken = append(b.taken, p)
	return int64(len(b.taken)), nil
}

func TestReasonsHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]error{
		"不達のため郵送に切り替える":     nil,
		"中継サーバーの記録に無いことを確認": nil,
		"":                 ErrReasonEmpty,
		"  \n":             ErrReasonEmpty,
		"電力太郎様より連絡":        ErrReasonPersonal,
		"ご家族の 太郎 様が転居":     ErrReasonPersonal,
		"ﾃﾞﾝﾘｮｸ ﾀﾛｳ":       ErrReasonPersonal,
		"092-000-0000 に電話": ErrReasonPersonal,
		"〒810-0004 へ":      ErrReasonPersonal,
		"福岡市中央区見本1-2-3 で確認":        ErrReasonPersonal,
		"TARO@example.jp は使われていない": ErrReasonPersonal,
		"新しい宛先は 天神 9-9":            ErrReasonPersonal,
	} {
		b := &bench{}
		p := letters.Proposal{Action: letters.ActResendPrint, Reason: reason, By: "hana",
			Letters: []letters.ProposedLetter{{ID: "1", Recipient: &letters.Recipient{Name: "電力 太郎", Address: "天神9−9"}}}}
		if _, err := Propose(t.Context(), b, p, morning()); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", reason, err, want)
		}
		if (len(b.taken) == 1) != (want == nil) {
			t.Errorf("%q: %d proposals taken", reason, len(b.taken))
		}
	}
	if _, err := Propose(t.Context(), &bench{}, letters.Proposal{Reason: "x"}, morning()); !errors.Is(err, ErrNoLetters) {
		t.Errorf("no letters: %v", err)
	}
}
