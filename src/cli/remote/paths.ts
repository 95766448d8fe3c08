/** The path of a server, or of something of it. */
export function serverPath(server: string): string {
  return `/v1/servers/${encodeURIComponent(server)}`;
}

export function backendPath(server: string, backend: string): string {
  return `${serverPath(server)}/backends/${encodeURIComponent(backend)}`;
}
