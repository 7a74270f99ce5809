#!/usr/bin/env python3
"""Runs a whole made-up month with the built program and says what each step took.

    month.py [--contracts N] [--dir DIR] [--db postgres://…] PROGRAM

The month lies in DIR (made, and removed at the end; --stay leaves it). Nothing
leaves the machine: there is no mail server, so mails wait. --keep writes the
PDF of every letter, some 200 KB each.
"""
import argparse, datetime, json, os, shutil, subprocess, sys, tempfile, time

args = argparse.ArgumentParser()
args.add_argument("program")
args.add_argument("--contracts", type=int, default=44855)
args.add_argument("--dir")
args.add_argument("--db")
args.add_argument("--stay", action="store_true")
args.add_argument("--workers", type=int, default=os.cpu_count())
o = args.parse_args()

top = o.dir or tempfile.mkdtemp(prefix="month-")
home, lists = os.path.join(top, "home"), os.path.join(top, "lists")
os.makedirs(home, 0o700)
open(os.path.join(home, "demo"), "w").close()  # made-up values stand for placeholders
password = os.path.join(home, "password")
with open(os.open(password, os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
    f.write("correct horse battery\n")
env = dict(os.environ, OSHIRASE_HOME=home, OSHIRASE_PASSWORD_FILE=password, OSHIRASE_RENDER_WORKERS=str(o.workers))
if o.db:
    env["OSHIRASE_DB"] = o.db
today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))).date()
month = today.strftime("%Y-%m")
table = []


def step(*line, name=None, allowed=(0, 5)):
    """Runs one command and notes wall time, processor time and peak memory."""
    out = tempfile.TemporaryFile()
    start = time.monotonic()
    p = subprocess.Popen([o.program, *line], env=env, stdout=out, stderr=subprocess.PIPE)
    errors = p.stderr.read()
    _, status, used = os.wait4(p.pid, 0)
    wall = time.monotonic() - start
    code = os.waitstatus_to_exitcode(status)
    p.returncode = code  # waited for above
    if code not in allowed:
        sys.exit(f"{' '.join(line)} ended with {code}\n{errors.decode()[-2000:]}")
    if name:
        table.append((name, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))
        print(f"{name:<34}{wall:9.1f} s {table[-1][2]:9.1f} s {table[-1][3]:8.0f} MiB", flush=True)
    out.seek(0)
    return out.read()


try:
    print(f"{o.contracts} contracts, {o.workers} workers, {os.cpu_count()} processors\n{'step':<34}{'wall':>11} {'processor':>11} {'peak':>12}")
    if o.db:
        step("migrate")
    step("user", "add", "hana", "--role", "prepare")
    step("user", "add", "jiro", "--role", "approve")
    step("sample", "--contracts", str(o.contracts), "--out", lists, name="sample")
    step("import", month, "--as", "hana", "--retailers", lists + "/retailers.csv", lists + "/list.csv", name="import")
    step("check", month, name="check")
    step("render", month, "--as", "hana", "--date", str(today), name="render (hashes)")
    step("render", month, "--as", "hana", "--date", str(today), "--keep", name="render --keep (every PDF written)")
    step("approve", month, "--as", "jiro", name="approve")
    total = json.loads(step("release", month, "--json"))["total"]
    step("release", month, "--as", "jiro", "--expect", str(total), name="release")
    done = json.loads(step("work", "--once", "--json", name="work (print files, read back)"))
    step("reconcile", name="reconcile")
    printed = sum(r["letters"] for r in done["runs"])
    print(f"{total} letters released, {printed} printed in {len(done['runs'])} runs, {sum(r['sheets'] for r in done['runs'])} sheets")
finally:
    if not o.stay:
        shutil.rmtree(top)
