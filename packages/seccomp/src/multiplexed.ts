/**
 * Calls that 32-bit x86 also reaches through socketcall(2) and ipc(2): their first argument says which call is meant.
 * A rule for `socket` must hold on both ways.
 */
const socketCalls =
  "socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown " +
  "setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg";
const ipcCalls = { 1: "semop semget semctl semtimedop", 11: "msgsnd msgrcv msgget msgctl", 21: "shmat shmdt shmget shmctl" };

/** The second way to a call: the multiplexing call and the value of its first argument. */
export interface Detour {
  readonly through: "socketcall" | "ipc";
  readonly selector: number;
}

function detours(): Map<string, Detour> {
  const table = new Map<string, Detour>();
  const add = (through: Detour["through"], first: number, names: string): void => {
    names.split(" ").forEach((name, position) => table.set(name, { through, selector: first + position }));
  };
  add("socketcall", 1, socketCalls);
  for (const [first, names] of Object.entries(ipcCalls)) add("ipc", Number(first), names);
  return table;
}

let known: ReadonlyMap<string, Detour> | undefined;

/** The second way of 32-bit x86 to a call, for example `detourOf("socket")` is socketcall 1. */
export function detourOf(name: string): Detour | undefined {
  known ??= detours();
  return known.get(name);
}
