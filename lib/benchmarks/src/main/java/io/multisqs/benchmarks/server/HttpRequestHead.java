package io.multisqs.benchmarks.server;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Finds an HTTP/1.1 request, and the few headers that matter, in bytes as they arrive. */
final class HttpRequestHead {
  /** The header X-Amz-Target, which names the operation; empty if the request has none. */
  String target = "";

  String path = "";
  boolean closeAfter;
  int bodyStart;
  int bodyEnd;

  private byte[] in = new byte[0];
  private int filled;

  /** Reads the request that begins with the first byte; true if all of it is there. */
  boolean read(byte[] bytes, int count) {
    in = bytes;
    filled = count;
    int headEnd = endOfHead();
    if (headEnd < 0) {
      return false;
    }
    int length = 0;
    target = "";
    closeAfter = false;
    int line = indexOf('\r', 0, filled);
    int pathStart = indexOf(' ', 0, line) + 1;
    path = text(pathStart, indexOf(' ', pathStart, line));
    for (int at = line + 2; at < headEnd - 2; at = line + 2) {
      line = indexOf('\r', at, filled);
      int colon = indexOf(':', at, line);
      if (is("content-length", at, colon)) {
        length = Integer.parseInt(text(colon + 1, line));
      } else if (is("x-amz-target", at, colon)) {
        target = text(colon + 1, line);
      } else if (is("connection", at, colon)) {
        closeAfter = text(colon + 1, line).toLowerCase(Locale.ROOT).equals("close");
      } else if (is("transfer-encoding", at, colon)) {
        throw new IllegalArgumentException("requests must come with a Content-Length");
      }
    }
    bodyStart = headEnd;
    bodyEnd = headEnd + length;
    return filled >= bodyEnd;
  }

  private int endOfHead() {
    for (int i = 3; i < filled; i++) {
      if (in[i] == '\n' && in[i - 1] == '\r' && in[i - 2] == '\n' && in[i - 3] == '\r') {
        return i + 1;
      }
    }
    return -1;
  }

  private int indexOf(char wanted, int from, int to) {
    for (int i = from; i < to; i++) {
      if (in[i] == wanted) {
        return i;
      }
    }
    return to;
  }

  /** Compares with a name in lower case. */
  private boolean is(String name, int from, int to) {
    if (to - from != name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if ((in[from + i] | 0x20) != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private String text(int from, int to) {
    return new String(in, from, to - from, StandardCharsets.ISO_8859_1).trim();
  }
}
