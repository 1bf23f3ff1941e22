/**
 * V8 of Node 24 and 26 (nodejs/node#63785): after an object with a backslash in a key, `JSON.parse` may read another escaped key of an object
 * of the same shape as that one. A stranger's statement could so make another one's key unreadable.
 */
export function misreadsEscapedKeys(): boolean {
  JSON.parse('{"x":1,"\\\\":2}')
  return !Object.hasOwn(JSON.parse('{"x":1,"\\n":2}') as object, '\n')
}
