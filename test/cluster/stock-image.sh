#!/bin/sh
# Behaves as the stock Liquibase plugin images do (wire contract 5), without a database: takes its command by PLUGIN_* variables, shows
# the whole command line, exits with 0 whatever happened, and tells the truth in $DRONE_OUTPUT. A comment in the changelog, such as
# "# stock: fail", says what happens. With STOCK_ENGINE, a program of ours, that does the work on a database in its place.
set -u
[ -n "${PLUGIN_COMMAND:-}" ] || { echo "PLUGIN_COMMAND is empty"; exit 1; }
for name in PLUGIN_LIQUIBASE_URL PLUGIN_LIQUIBASE_USERNAME PLUGIN_LIQUIBASE_PASSWORD DRONE_OUTPUT; do
  eval "value=\${$name:-}"
  [ -n "$value" ] || { echo "$name is empty"; exit 1; }
done
echo "liquibase --url $PLUGIN_LIQUIBASE_URL --username $PLUGIN_LIQUIBASE_USERNAME --password $PLUGIN_LIQUIBASE_PASSWORD $PLUGIN_COMMAND"
end() { echo "exit_code=$1" >> "$DRONE_OUTPUT"; exit 0; }
if [ -n "${STOCK_ENGINE:-}" ]; then
  set -- "$PLUGIN_COMMAND" --url "$PLUGIN_LIQUIBASE_URL"
  [ "$PLUGIN_COMMAND" = tag ] && set -- "$@" "${PLUGIN_LIQUIBASE_TAG:?}"
  [ "$PLUGIN_COMMAND" = update ] && set -- "$@" --search-path "$PLUGIN_LIQUIBASE_SEARCH_PATH" --changelog-file "$PLUGIN_LIQUIBASE_CHANGELOG_FILE"
  node "$STOCK_ENGINE" "$@"
  end $?
fi
if [ "$PLUGIN_COMMAND" = tag ]; then echo "Successfully tagged ${PLUGIN_LIQUIBASE_TAG:?}"; end 0; fi
changelog="$PLUGIN_LIQUIBASE_SEARCH_PATH/$PLUGIN_LIQUIBASE_CHANGELOG_FILE"
[ -r "$changelog" ] || { echo "there is no $changelog"; end 1; }
case $(sed -n 's/^# stock: //p' "$changelog") in
  fail) echo "Migration failed" >&2; end 3 ;;
  silent) exit 0 ;;
  flood) yes "a line that must not be lost when the log of the container is rotated" | head -n 200000; end 0 ;;
  sleep) echo "sleeping"; sleep 300; end 0 ;;
esac
[ -z "${PLUGIN_LIQUIBASE_OUTPUT_FILE:-}" ] || echo "create table shown (id int);" > "$PLUGIN_LIQUIBASE_OUTPUT_FILE"
echo "Liquibase command '$PLUGIN_COMMAND' was executed successfully."
end 0
