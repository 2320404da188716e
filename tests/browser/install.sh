#!/bin/sh
# What tests need from the system, installed where we are allowed to.
# A linguistic order for the tests on PostgreSQL.
if [ "$(id -u)" = 0 ] && command -v localedef >/dev/null 2>&1 && ! locale -a 2>/dev/null | grep -qi '^en_US.utf-\?8$'; then
    if [ ! -e /usr/share/i18n/locales/en_US ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq locales >/dev/null
    fi
    localedef -i en_US -f UTF-8 en_US.UTF-8 || echo "no en_US.UTF-8: one test will be skipped"
fi
# A browser for the browser tests: the system's Chromium.
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing Chromium for the browser tests"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
else
    echo "no Chromium found: the browser tests will be skipped"
fi
exit 0
