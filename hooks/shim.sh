#!/bin/sh
# tracks hook 1 @EVENT@: made by `tracks hooks install`, taken away by `tracks hooks uninstall`; edits are lost
# Set by ourselves: another hook manager may have moved this file and call it from the hook that calls it.
if [ "$TRACKS_HOOK" = @EVENT@ ]; then exit 0; fi
TRACKS_HOOK=@EVENT@
export TRACKS_HOOK
# The hook that was here before, byte for byte; when it says no, so do we.
if [ -x "${0%/*}/@EVENT@.legacy" ]; then
  "${0%/*}/@EVENT@.legacy" "$@" || exit $?
fi
if [ "$TRACKS" = 0 ]; then exit 0; fi
program=@PROGRAM@
if [ ! -x "$program" ]; then
  program=$(command -v tracks) || {
    echo "tracks: the program is not found, so @EVENT@ checks nothing; 'tracks hooks install' sets its path" >&2
    exit 0
  }
fi
exec "$program" hooks run @EVENT@
