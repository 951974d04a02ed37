#!/usr/bin/env bash
# A throw-away mail server, Dovecot with IMAP and LMTP, that lives exactly as long as its standard input is open.
#
# Prints one line once it answers: the port of IMAP, of IMAP over TLS, of LMTP, and the file of its certificate; then waits.
# It runs as nobody, listens on this machine only, takes mail for anybody and opens every mailbox with one password.
set -euo pipefail

missing="Dovecot is missing: install it (apt-get install dovecot-imapd dovecot-lmtpd) or run tests/run, which does"

PATH=$PATH:/usr/sbin
libexec=${HOLDSPACE_TEST_DOVECOT_PLACE:-/usr/lib/dovecot}
command -v dovecot >/dev/null && [[ -x $libexec/imap-login && -x $libexec/lmtp ]] || { echo "$missing" >&2; exit 1; }
[[ ${1-} == --check ]] && exit 0

# Everything runs as one user without any right: root lends it, anybody else is it.
as_user=() user=$(id -un) group=$(id -gn)
if [[ $(id -u) == 0 ]]; then
    user=nobody group=$(id -gn nobody)
    as_user=(setpriv "--reuid=$user" "--regid=$group" --clear-groups)
fi
bound=()
command -v setpriv >/dev/null && bound=(setpriv --pdeathsig TERM)

home=$(mktemp -d /tmp/holdspace-dovecot.XXXXXX)
server=
stop() {
    [[ -n $server ]] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    rm -rf "$home"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP
mkdir "$home/mail" "$home/run" "$home/state"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$home/key.pem" -out "$home/cert.pem" 2>"$home/openssl.log" || { cat "$home/openssl.log" >&2; exit 1; }
chown -R "$user" "$home"

free_port() { echo $((20000 + RANDOM % 12000)); }

configure() {
    # Dovecot 2.4 names many of these settings anew.
    local newer=
    [[ $(dovecot --version) == 2.4* ]] && newer=yes
    if [[ -n $newer ]]; then
        cat <<END
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
mail_driver = maildir
mail_path = $home/mail/%{user | username | lower}
auth_username_format = %{user | username | lower}
ssl_server_cert_file = $home/cert.pem
ssl_server_key_file = $home/key.pem
auth_allow_cleartext = yes
passdb static {
  password = secret
}
userdb static {
  fields {
    uid = $user
    gid = $group
    home = $home/mail/%{user | username | lower}
  }
}
END
    else
        cat <<END
mail_location = maildir:$home/mail/%Ln
auth_username_format = %Ln
ssl_cert = <$home/cert.pem
ssl_key = <$home/key.pem
disable_plaintext_auth = no
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=$user gid=$group home=$home/mail/%Ln allow_all_users=yes
}
END
    fi
    cat <<END
base_dir = $home/run
state_dir = $home/state
log_path = $home/server.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
first_valid_uid = 1
recipient_delimiter = +
default_internal_user = $user
default_login_user = $user
default_internal_group = $group
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = $imaps
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    port = $lmtp
  }
}
service stats {
  chroot =
}
END
}

# The server itself settles the race for its ports: one that is taken makes it exit, and we try others.
for _ in {1..20}; do
    imap=$(free_port) imaps=$(free_port) lmtp=$(free_port)
    configure >"$home/dovecot.conf"
    "${as_user[@]}" "${bound[@]}" dovecot -F -c "$home/dovecot.conf" </dev/null >"$home/out.log" 2>&1 &
    server=$!
    for _ in {1..200}; do
        kill -0 "$server" 2>/dev/null || break
        if (exec 3<>"/dev/tcp/127.0.0.1/$imap" && exec 4<>"/dev/tcp/127.0.0.1/$lmtp") 2>/dev/null; then
            echo "$imap $imaps $lmtp $home/cert.pem"
            exec >&-
            # The builtin, because a signal interrupts it where it would wait for a child.
            while read -r; do :; done
            exit 0
        fi
        sleep 0.05
    done
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
done
cat "$home/out.log" "$home/server.log" >&2 || true
echo "a throw-away Dovecot did not start; its last words stand above" >&2
exit 1
