# Runs Postgres ("$@") and stops it when our parent, who holds the other end of standard input, closes it or dies in whatever way.
# Standard output is the data directory's lock: it is ours, not Postgres', and is free only when Postgres is gone.
# "$0" is the file that tells the parent which process is its own server.
trap '' HUP INT TERM
umask 077
exec 3<&0 </dev/null
"$@" >&2 3<&- &
server=$!
printf '%s\n' "$server" >"$0"
(
    read -r _ <&3
    kill -INT "$server"
    left=30
    while [ "$left" -gt 0 ]; do sleep 1; left=$((left - 1)); done
    kill -QUIT "$server"
) >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$server"
status=$?
kill -KILL "$watch" 2>/dev/null
exit "$status"
