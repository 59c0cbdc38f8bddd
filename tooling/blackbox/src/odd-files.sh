# What a Debian tree does not have by itself, made in the current directory, which is the tree's root.
set -eu
mkdir -p odd
cd odd

mknod null-like c 1 3
mknod disk b 259 300000
mkfifo -m 0620 fifo
echo linked > link-1
ln link-1 link-2
mkdir -p deep/er
ln link-1 deep/er/link-3
ln -s ../../nowhere/at/all dangling
ln -s /etc/passwd absolute
ln dangling dangling-again
chown -h 12:34 absolute

cp ../usr/bin/id setuid-id
chown 0:0 setuid-id
chmod 4755 setuid-id
cp ../usr/bin/cat bound-cat
setcap cap_net_bind_service=ep bound-cat
mkdir setgid-directory sticky
chown 0:50 setgid-directory
chmod 2770 setgid-directory
chmod 1777 sticky

echo x > attributes
setfattr -n user.text -v "a value" attributes
setfattr -n user.binary -v 0x00ff0a003d attributes
setfattr -n user.empty attributes
setfattr -n user.on.directory -v yes sticky

echo secret > no-mode
chmod 0 no-mode
: > large-ids
chown 2000000001:2147483647 large-ids
: > empty

truncate -s 10M sparse
printf middle | dd of=sparse bs=1 seek=5000000 conv=notrunc status=none
truncate -s 3M tail-hole

mkdir names
echo 1 > "names/with space"
echo 2 > "names/-dash"
echo 3 > "names/$(printf 'new\nline\ttab')"
echo 4 > "names/$(printf 'control\001\033-text')"
echo 5 > "names/grüße-日本-🍲"
echo 6 > 'names/back\slash"quote'"'"
echo 7 > "names/= pax"
echo 8 > "names/$(printf 'n%.0s' $(seq 250))"
echo 9 > "names/.wh"
long=names
for _ in $(seq 12); do long="$long/$(printf 'd%.0s' $(seq 120))"; done
mkdir -p "$long"
echo 10 > "$long/file"
ln -s "$(printf 'target/%.0s' $(seq 200))" names/long-target

touch -d @0 times-epoch
touch -d @1700000000.123456789 times-exact
touch -d @4500000000.000000001 times-far
touch -h -d @1234567890.987654321 dangling
touch -d @1111111111.111111111 sticky
touch -d @1600000000.5 .
