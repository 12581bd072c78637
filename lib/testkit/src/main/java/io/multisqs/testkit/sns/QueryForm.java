package io.multisqs.testkit.sns;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of a request. Lists and maps are flat: {@code Attributes.entry.1.key}, and so on.
 *
 * @param fields by name
 */
record QueryForm(Map<String, String> fields) {

  static QueryForm parse(String form) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String pair : form.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        fields.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
      }
    }
    return new QueryForm(fields);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  Optional<String> get(String name) {
    return Optional.ofNullable(fields.get(name)).filter(value -> !value.isEmpty());
  }

  String need(String name) {
    return get(name).orElseThrow(() -> SnsRefusal.invalid(name + " is required"));
  }

  /** The map under a prefix, whose entries are called {@code <prefix>.entry.N.<key|value>}. */
  Map<String, String> map(String prefix, String key, String value) {
    Map<String, String> map = new LinkedHashMap<>();
    for (QueryForm entry : list(prefix + ".entry")) {
      map.put(entry.need(key), entry.fields.getOrDefault(value, ""));
    }
    return map;
  }

  /** The entries of a list, each with its own fields, whose names lose {@code <prefix>.N.}. */
  List<QueryForm> list(String prefix) {
    List<QueryForm> entries = new ArrayList<>();
    for (int n = 1; ; n++) {
      String start = prefix + "." + n + ".";
      Map<String, String> entry = new LinkedHashMap<>();
      fields.forEach(
          (name, value) -> {
            if (name.startsWith(start)) {
              entry.put(name.substring(start.length()), value);
            }
          });
      if (entry.isEmpty()) {
        return entries;
      }
      entries.add(new QueryForm(entry));
    }
  }
}
