/** The same port, with some of its methods in other hands. */
export function withMethods<T extends object>(port: T, methods: Partial<T>): T {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name)
      return typeof value === 'function' && !(name in methods) ? (value.bind(target) as unknown) : value
    },
  })
}
