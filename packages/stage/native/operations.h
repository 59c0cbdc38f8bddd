/* Made by packages/plan/scripts/generate.ts from the operation table. Do not edit. */
#ifndef GALLEY_OPERATIONS_H
#define GALLEY_OPERATIONS_H

#define MAX_ARGUMENTS 8
#define MAX_PLAN_BYTES 16777216
#define MAX_STEP_BYTES 1048576
#define MAX_SLOTS 4112
#define MAX_LANES 16
#define MAX_MARKS 64

/* Argument kinds: s slot, S slot or none, o out, O out or none, m mark, l lane, 4 u32, 8 u64, t string, p path,
 * b bytes, T strings, N numbers, D descriptors, f flags. X(number, name, kinds, handler) */
#define OPERATIONS(X) \
  X(1, "clone", "lfSO", do_clone) \
  X(2, "unshare", "f", do_unshare) \
  X(3, "setns", "sf", do_setns) \
  X(4, "tell", "mS", do_tell) \
  X(5, "await", "mO", do_await) \
  X(6, "executed", "l", do_executed) \
  X(7, "finished", "l", do_finished) \
  X(8, "exec", "TTTD", do_exec) \
  X(9, "outlive", "", do_outlive) \
  X(10, "session", "", do_session) \
  X(11, "openProcess", "48o", do_open_process) \
  X(12, "signal", "s4", do_signal) \
  X(13, "receive", "", do_receive) \
  X(20, "open", "Spf4o", do_open) \
  X(21, "close", "s", do_close) \
  X(22, "pipe", "oo", do_pipe) \
  X(23, "listen", "st4o", do_listen) \
  X(24, "inherited", "4o", do_inherited) \
  X(27, "lock", "s", do_lock) \
  X(25, "terminal", "sp44oo", do_terminal) \
  X(26, "controlTerminal", "s", do_control_terminal) \
  X(30, "mkdir", "Sp4f", do_mkdir) \
  X(31, "symlink", "Sptf", do_symlink) \
  X(32, "link", "sppf", do_link) \
  X(33, "mknod", "Sp444f", do_mknod) \
  X(34, "create", "Sp4fo", do_create) \
  X(35, "data", "sb", do_data) \
  X(36, "hole", "s8", do_hole) \
  X(37, "attributes", "spf44484", do_attributes) \
  X(38, "xattr", "sptb", do_xattr) \
  X(39, "unlink", "Spf", do_unlink) \
  X(40, "removeTree", "Sp", do_remove_tree) \
  X(41, "rename", "sppSf", do_rename) \
  X(42, "write", "Spbf", do_write) \
  X(43, "syncFileSystem", "s", do_sync_file_system) \
  X(45, "read", "Sp4", do_read) \
  X(44, "chroot", "s", do_chroot) \
  X(50, "newFileSystem", "tTfo", do_new_file_system) \
  X(51, "openTree", "Spfo", do_open_tree) \
  X(52, "mountAttributes", "Spffff", do_mount_attributes) \
  X(53, "moveMount", "sSp", do_move_mount) \
  X(54, "pivot", "s", do_pivot) \
  X(55, "unmount", "Sp", do_unmount) \
  X(60, "hostname", "t", do_hostname) \
  X(61, "domainname", "t", do_domainname) \
  X(62, "resourceLimit", "488", do_resource_limit) \
  X(63, "groups", "N", do_groups) \
  X(64, "ids", "44", do_ids) \
  X(65, "keepCapabilities", "", do_keep_capabilities) \
  X(66, "boundingSet", "8", do_bounding_set) \
  X(67, "capabilities", "888", do_capabilities) \
  X(68, "ambientSet", "8", do_ambient_set) \
  X(69, "noNewPrivileges", "", do_no_new_privileges) \
  X(70, "seccomp", "bf", do_seccomp) \
  X(71, "label", "ft", do_label) \
  X(72, "umask", "4", do_umask) \
  X(73, "chdir", "Sp", do_chdir) \
  X(74, "sessionKeyring", "t", do_session_keyring) \
  X(75, "deviceFilter", "sb", do_device_filter) \
  X(76, "netlink", "b", do_netlink)

/* The numbers of the operations. */
#define OP_CLONE 1
#define OP_UNSHARE 2
#define OP_SETNS 3
#define OP_TELL 4
#define OP_AWAIT 5
#define OP_EXECUTED 6
#define OP_FINISHED 7
#define OP_EXEC 8
#define OP_OUTLIVE 9
#define OP_SESSION 10
#define OP_OPEN_PROCESS 11
#define OP_SIGNAL 12
#define OP_RECEIVE 13
#define OP_OPEN 20
#define OP_CLOSE 21
#define OP_PIPE 22
#define OP_LISTEN 23
#define OP_INHERITED 24
#define OP_LOCK 27
#define OP_TERMINAL 25
#define OP_CONTROL_TERMINAL 26
#define OP_MKDIR 30
#define OP_SYMLINK 31
#define OP_LINK 32
#define OP_MKNOD 33
#define OP_CREATE 34
#define OP_DATA 35
#define OP_HOLE 36
#define OP_ATTRIBUTES 37
#define OP_XATTR 38
#define OP_UNLINK 39
#define OP_REMOVE_TREE 40
#define OP_RENAME 41
#define OP_WRITE 42
#define OP_SYNC_FILE_SYSTEM 43
#define OP_READ 45
#define OP_CHROOT 44
#define OP_NEW_FILE_SYSTEM 50
#define OP_OPEN_TREE 51
#define OP_MOUNT_ATTRIBUTES 52
#define OP_MOVE_MOUNT 53
#define OP_PIVOT 54
#define OP_UNMOUNT 55
#define OP_HOSTNAME 60
#define OP_DOMAINNAME 61
#define OP_RESOURCE_LIMIT 62
#define OP_GROUPS 63
#define OP_IDS 64
#define OP_KEEP_CAPABILITIES 65
#define OP_BOUNDING_SET 66
#define OP_CAPABILITIES 67
#define OP_AMBIENT_SET 68
#define OP_NO_NEW_PRIVILEGES 69
#define OP_SECCOMP 70
#define OP_LABEL 71
#define OP_UMASK 72
#define OP_CHDIR 73
#define OP_SESSION_KEYRING 74
#define OP_DEVICE_FILTER 75
#define OP_NETLINK 76

/* Where each operation finds its arguments. */
#define ARG_CLONE_LANE 0
#define ARG_CLONE_NAMESPACES 1
#define ARG_CLONE_CGROUP 2
#define ARG_CLONE_PIDFD 3
#define ARG_UNSHARE_NAMESPACES 0
#define ARG_SETNS_TARGET 0
#define ARG_SETNS_NAMESPACES 1
#define ARG_TELL_MARK 0
#define ARG_TELL_SLOT 1
#define ARG_AWAIT_MARK 0
#define ARG_AWAIT_SLOT 1
#define ARG_EXECUTED_LANE 0
#define ARG_FINISHED_LANE 0
#define ARG_EXEC_CANDIDATES 0
#define ARG_EXEC_ARGV 1
#define ARG_EXEC_ENV 2
#define ARG_EXEC_DESCRIPTORS 3
#define ARG_OPEN_PROCESS_PID 0
#define ARG_OPEN_PROCESS_START_TICKS 1
#define ARG_OPEN_PROCESS_OUT 2
#define ARG_SIGNAL_PROCESS 0
#define ARG_SIGNAL_SIGNAL 1
#define ARG_OPEN_AT 0
#define ARG_OPEN_PATH 1
#define ARG_OPEN_FLAGS 2
#define ARG_OPEN_MODE 3
#define ARG_OPEN_OUT 4
#define ARG_CLOSE_SLOT 0
#define ARG_PIPE_READ 0
#define ARG_PIPE_WRITE 1
#define ARG_LISTEN_AT 0
#define ARG_LISTEN_NAME 1
#define ARG_LISTEN_MODE 2
#define ARG_LISTEN_OUT 3
#define ARG_INHERITED_DESCRIPTOR 0
#define ARG_INHERITED_OUT 1
#define ARG_LOCK_SLOT 0
#define ARG_TERMINAL_AT 0
#define ARG_TERMINAL_PATH 1
#define ARG_TERMINAL_ROWS 2
#define ARG_TERMINAL_COLUMNS 3
#define ARG_TERMINAL_MASTER 4
#define ARG_TERMINAL_PEER 5
#define ARG_CONTROL_TERMINAL_TERMINAL 0
#define ARG_MKDIR_AT 0
#define ARG_MKDIR_PATH 1
#define ARG_MKDIR_MODE 2
#define ARG_MKDIR_FLAGS 3
#define ARG_SYMLINK_AT 0
#define ARG_SYMLINK_PATH 1
#define ARG_SYMLINK_TARGET 2
#define ARG_SYMLINK_FLAGS 3
#define ARG_LINK_AT 0
#define ARG_LINK_PATH 1
#define ARG_LINK_EXISTING 2
#define ARG_LINK_FLAGS 3
#define ARG_MKNOD_AT 0
#define ARG_MKNOD_PATH 1
#define ARG_MKNOD_MODE 2
#define ARG_MKNOD_MAJOR 3
#define ARG_MKNOD_MINOR 4
#define ARG_MKNOD_FLAGS 5
#define ARG_CREATE_AT 0
#define ARG_CREATE_PATH 1
#define ARG_CREATE_MODE 2
#define ARG_CREATE_FLAGS 3
#define ARG_CREATE_OUT 4
#define ARG_DATA_FILE 0
#define ARG_DATA_BYTES 1
#define ARG_HOLE_FILE 0
#define ARG_HOLE_SIZE_BYTES 1
#define ARG_ATTRIBUTES_AT 0
#define ARG_ATTRIBUTES_PATH 1
#define ARG_ATTRIBUTES_SET 2
#define ARG_ATTRIBUTES_UID 3
#define ARG_ATTRIBUTES_GID 4
#define ARG_ATTRIBUTES_MODE 5
#define ARG_ATTRIBUTES_SECONDS 6
#define ARG_ATTRIBUTES_NANOSECONDS 7
#define ARG_XATTR_AT 0
#define ARG_XATTR_PATH 1
#define ARG_XATTR_NAME 2
#define ARG_XATTR_VALUE 3
#define ARG_UNLINK_AT 0
#define ARG_UNLINK_PATH 1
#define ARG_UNLINK_FLAGS 2
#define ARG_REMOVE_TREE_AT 0
#define ARG_REMOVE_TREE_PATH 1
#define ARG_RENAME_AT 0
#define ARG_RENAME_PATH 1
#define ARG_RENAME_TO 2
#define ARG_RENAME_FROM 3
#define ARG_RENAME_FLAGS 4
#define ARG_WRITE_AT 0
#define ARG_WRITE_PATH 1
#define ARG_WRITE_BYTES 2
#define ARG_WRITE_FLAGS 3
#define ARG_SYNC_FILE_SYSTEM_SLOT 0
#define ARG_READ_AT 0
#define ARG_READ_PATH 1
#define ARG_READ_LIMIT_BYTES 2
#define ARG_CHROOT_ROOT 0
#define ARG_NEW_FILE_SYSTEM_TYPE 0
#define ARG_NEW_FILE_SYSTEM_OPTIONS 1
#define ARG_NEW_FILE_SYSTEM_ATTRIBUTES 2
#define ARG_NEW_FILE_SYSTEM_OUT 3
#define ARG_OPEN_TREE_AT 0
#define ARG_OPEN_TREE_PATH 1
#define ARG_OPEN_TREE_FLAGS 2
#define ARG_OPEN_TREE_OUT 3
#define ARG_MOUNT_ATTRIBUTES_AT 0
#define ARG_MOUNT_ATTRIBUTES_PATH 1
#define ARG_MOUNT_ATTRIBUTES_SET 2
#define ARG_MOUNT_ATTRIBUTES_CLEAR 3
#define ARG_MOUNT_ATTRIBUTES_PROPAGATION 4
#define ARG_MOUNT_ATTRIBUTES_FLAGS 5
#define ARG_MOVE_MOUNT_MOUNT 0
#define ARG_MOVE_MOUNT_AT 1
#define ARG_MOVE_MOUNT_PATH 2
#define ARG_PIVOT_ROOT 0
#define ARG_UNMOUNT_AT 0
#define ARG_UNMOUNT_PATH 1
#define ARG_HOSTNAME_NAME 0
#define ARG_DOMAINNAME_NAME 0
#define ARG_RESOURCE_LIMIT_RESOURCE 0
#define ARG_RESOURCE_LIMIT_SOFT 1
#define ARG_RESOURCE_LIMIT_HARD 2
#define ARG_GROUPS_GIDS 0
#define ARG_IDS_UID 0
#define ARG_IDS_GID 1
#define ARG_BOUNDING_SET_MASK 0
#define ARG_CAPABILITIES_EFFECTIVE 0
#define ARG_CAPABILITIES_PERMITTED 1
#define ARG_CAPABILITIES_INHERITABLE 2
#define ARG_AMBIENT_SET_MASK 0
#define ARG_SECCOMP_PROGRAM 0
#define ARG_SECCOMP_FLAGS 1
#define ARG_LABEL_ATTRIBUTE 0
#define ARG_LABEL_LABEL 1
#define ARG_UMASK_MASK 0
#define ARG_CHDIR_AT 0
#define ARG_CHDIR_PATH 1
#define ARG_SESSION_KEYRING_NAME 0
#define ARG_DEVICE_FILTER_CGROUP 0
#define ARG_DEVICE_FILTER_PROGRAM 1
#define ARG_NETLINK_MESSAGES 0

/* The plan's own flag bits. */
#define FLAG_NAMESPACES_USER (1u << 0)
#define FLAG_NAMESPACES_MOUNT (1u << 1)
#define FLAG_NAMESPACES_PID (1u << 2)
#define FLAG_NAMESPACES_NETWORK (1u << 3)
#define FLAG_NAMESPACES_UTS (1u << 4)
#define FLAG_NAMESPACES_IPC (1u << 5)
#define FLAG_NAMESPACES_CGROUP (1u << 6)
#define FLAG_NAMESPACES_TIME (1u << 7)
#define FLAG_OPEN_READ (1u << 0)
#define FLAG_OPEN_WRITE (1u << 1)
#define FLAG_OPEN_APPEND (1u << 2)
#define FLAG_OPEN_CREATE (1u << 3)
#define FLAG_OPEN_EXCLUSIVE (1u << 4)
#define FLAG_OPEN_TRUNCATE (1u << 5)
#define FLAG_OPEN_DIRECTORY (1u << 6)
#define FLAG_OPEN_PATH_ONLY (1u << 7)
#define FLAG_OPEN_NO_FOLLOW (1u << 8)
#define FLAG_OPEN_NON_BLOCKING (1u << 9)
#define FLAG_PLACE_REPLACE (1u << 0)
#define FLAG_PLACE_KEEP_DIRECTORY (1u << 1)
#define FLAG_ATTRIBUTES_OWNER (1u << 0)
#define FLAG_ATTRIBUTES_MODE (1u << 1)
#define FLAG_ATTRIBUTES_TIMES (1u << 2)
#define FLAG_UNLINK_DIRECTORY (1u << 0)
#define FLAG_WRITE_PROC (1u << 0)
#define FLAG_WRITE_CGROUP (1u << 1)
#define FLAG_WRITE_SYS (1u << 2)
#define FLAG_WRITE_TRUNCATE (1u << 3)
#define FLAG_MOUNT_READ_ONLY (1u << 0)
#define FLAG_MOUNT_NO_SUID (1u << 1)
#define FLAG_MOUNT_NO_DEV (1u << 2)
#define FLAG_MOUNT_NO_EXEC (1u << 3)
#define FLAG_MOUNT_NO_ACCESS_TIME (1u << 4)
#define FLAG_MOUNT_STRICT_ACCESS_TIME (1u << 5)
#define FLAG_MOUNT_RELATIVE_ACCESS_TIME (1u << 6)
#define FLAG_MOUNT_NO_DIRECTORY_ACCESS_TIME (1u << 7)
#define FLAG_MOUNT_NO_SYMLINK_FOLLOW (1u << 8)
#define FLAG_TREE_RECURSIVE (1u << 0)
#define FLAG_TREE_NO_FOLLOW (1u << 1)
#define FLAG_PROPAGATION_PRIVATE (1u << 0)
#define FLAG_PROPAGATION_SLAVE (1u << 1)
#define FLAG_PROPAGATION_SHARED (1u << 2)
#define FLAG_PROPAGATION_UNBINDABLE (1u << 3)
#define FLAG_SECCOMP_LOG (1u << 0)
#define FLAG_SECCOMP_SPECULATION_ALLOWED (1u << 1)
#define FLAG_SECCOMP_THREAD_SYNC (1u << 2)
#define FLAG_LABEL_EXEC (1u << 0)
#define FLAG_LABEL_KEY (1u << 1)
#define FLAG_LABEL_SOCKET (1u << 2)
#define FLAG_LABEL_FILE_CREATE (1u << 3)

#endif
