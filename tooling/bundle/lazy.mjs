/** Stands for a function, a class or an object that is fetched when it is first used. */
export function lazy(fetch) {
  const stand = new Proxy(function () {}, {
    apply: (_, self, args) => Reflect.apply(fetch(), self, args),
    construct: (_, args, target) => Reflect.construct(fetch(), args, target === stand ? fetch() : target),
    get: (_, name) => Reflect.get(fetch(), name),
    has: (_, name) => Reflect.has(fetch(), name),
  });
  return stand;
}
