# What somebody does to the files of an image, from its root.
set -eu
echo more >> etc/conf
mv etc/renamed etc/new-name
mv moved moved-away
rm -r gone
rm linked-a
ln etc/conf linked-new
rm -r opaque
mkdir opaque
echo new > opaque/new
echo more >> pair-a
rm -r becomes-file
echo file > becomes-file
chmod 4711 setuid
chown 12:34 owner
chmod 0700 directory
setfattr -n user.added -v yes etc/kept
setfattr -n trusted.added -v yes etc/kept
setcap cap_net_raw=ep capable
truncate -s 5M holes
printf x | dd of=holes bs=1 seek=3000000 conv=notrunc status=none
echo latin > "$(printf 'name-\351-\377')"
ln -s "$(printf 'target-\376')" "$(printf 'link-\375')"
mknod device c 5 1
mkfifo etc/pipe
rm -r whole
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")' 2>/dev/null || true
