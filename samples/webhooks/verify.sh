#!/usr/bin/env bash
# Verifies a delivery with bash and openssl: verify.sh ID TIMESTAMP SIGNATURES < body, with WEBHOOK_SECRET (whsec_…) in the environment.
# Good for a look by hand; a server does better with one of the others, because openssl takes the key on its command line.
set -euo pipefail

id=$1 timestamp=$2 signatures=$3
now=$(date +%s)
age=$((now > timestamp ? now - timestamp : timestamp - now))
if ((age > 300)); then
  echo "not authentic"
  exit 1
fi

key=$(printf '%s' "${WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
expected="v1,$({ printf '%s.%s.' "$id" "$timestamp"; cat; } | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)"
for signature in $signatures; do
  if [[ $signature == "$expected" ]]; then
    echo "authentic"
    exit 0
  fi
done

echo "not authentic"
exit 1
