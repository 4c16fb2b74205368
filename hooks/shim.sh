#!/bin/sh
# tracks hook 2 @EVENT@ @MODE@: made by `tracks hooks install`, taken away by `tracks hooks uninstall`; edits are lost
# Set by ourselves: another hook manager may have moved this file and call it from the hook that calls it.
if [ "$TRACKS_HOOK" = @EVENT@ ]; then exit 0; fi
export TRACKS_HOOK=@EVENT@
input=
case @EVENT@ in pre-push | reference-transaction) input=$(cat && echo .) && input=${input%.} ;; esac
# The hook that was here before, byte for byte; when it says no, so do we. Whoever asks whether we are called wants us only.
if [ -x "${0%/*}/@EVENT@.legacy" ] && [ -z "$TRACKS_CANARY" ]; then
  if [ "$input" ]; then printf %s "$input" | "${0%/*}/@EVENT@.legacy" "$@"; else "${0%/*}/@EVENT@.legacy" "$@"; fi || exit $?
fi
# Most changes of refs are none of ours: not what `tracks` does itself, and only branches, before they move.
if [ "$TRACKS_OWN" = 1 ] && [ -z "$TRACKS_CANARY" ]; then exit 0; fi
case @EVENT@,$1,$input in
reference-transaction,prepared,*" refs/heads/"*) ;;
reference-transaction,*) exit 0 ;;
esac
program=@PROGRAM@
if [ ! -x "$program" ]; then
  program=$(command -v tracks) || {
    if [ "$TRACKS" = 0 ]; then exit 0; fi
    echo "tracks: the program is not found, so @EVENT@ checks nothing; 'tracks hooks install' sets its path" >&2
    exit @MISSING@
  }
fi
export TRACKS_SHIM=1
if [ "$input" ]; then printf %s "$input" | "$program" hooks run @EVENT@ "$@"; else "$program" hooks run @EVENT@ "$@"; fi >&2
# Only a finding stops anybody: not a bug of ours.
if [ $? = 1 ]; then exit 1; fi
exit 0
