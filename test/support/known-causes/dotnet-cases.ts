import { type CauseCases, thrown } from './cause-cases.ts';

const dotnet = (type: string) => thrown('dotnet', type, 'Shop.Cart.Total (src/Cart.cs:12:1)');

export const DOTNET_CASES: Readonly<Record<string, CauseCases>> = {
  'dotnet-stack-overflow': {
    matches: [
      dotnet('System.StackOverflowException'),
      { ...dotnet('x'), exceptionType: null, kind: 'stack-overflow' },
    ],
    misses: [dotnet('System.InsufficientExecutionStackException')],
  },
  'dotnet-out-of-memory': {
    matches: [dotnet('System.OutOfMemoryException')],
    misses: [dotnet('System.SystemException')],
  },
  'dotnet-invalid-memory-access': {
    matches: [dotnet('System.AccessViolationException')],
    misses: [dotnet('System.UnauthorizedAccessException')],
  },
  'dotnet-port-in-use': {
    matches: [dotnet('Microsoft.AspNetCore.Connections.AddressInUseException')],
    misses: [dotnet('Microsoft.AspNetCore.Connections.ConnectionResetException')],
  },
  'dotnet-database-failed': {
    matches: [dotnet('Npgsql.NpgsqlException'), dotnet('Microsoft.Data.SqlClient.SqlException')],
    misses: [dotnet('System.Data.DataException')],
  },
  'dotnet-connection-failed': {
    matches: [dotnet('System.Net.Sockets.SocketException'), dotnet('System.Net.Http.HttpRequestException')],
    misses: [dotnet('System.Net.WebException')],
  },
  'dotnet-type-initializer': {
    matches: [dotnet('System.TypeInitializationException')],
    misses: [dotnet('System.TypeAccessException')],
  },
  'dotnet-native-library-missing': {
    matches: [dotnet('System.DllNotFoundException')],
    misses: [dotnet('System.ExecutionEngineException')],
  },
  'dotnet-incompatible-assembly': {
    matches: [dotnet('System.MissingMethodException'), dotnet('System.TypeLoadException')],
    misses: [dotnet('System.MemberAccessException')],
  },
  'dotnet-file-not-found': {
    matches: [dotnet('System.IO.FileNotFoundException')],
    misses: [dotnet('System.IO.PathTooLongException')],
  },
  'dotnet-culture-not-found': {
    matches: [dotnet('System.Globalization.CultureNotFoundException')],
    misses: [dotnet('System.ArgumentException')],
  },
  'dotnet-disposed-object': {
    matches: [dotnet('System.ObjectDisposedException')],
    misses: [dotnet('System.InvalidOperationException')],
  },
  'dotnet-null-reference': {
    matches: [dotnet('System.NullReferenceException')],
    misses: [dotnet('System.ArgumentNullException')],
  },
};
