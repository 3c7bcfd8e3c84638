export function accountUrl(id: string): string {
  return `/admin/accounts/${encodeURIComponent(id)}`;
}
