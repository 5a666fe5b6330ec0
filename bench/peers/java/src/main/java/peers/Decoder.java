package peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import paceline.Activity;

/** Records into deeds, with the class that Avro generates: five bytes of the wire format, then the body. One a thread. */
public final class Decoder {
    private static final int HEADER = 5;
    private static final Map<String, Integer> KINDS = Map.of("call", 0, "email", 1, "meeting", 2, "demo", 3,
        "proposal", 4, "deal_won", 5, "deal_lost", 6, "note", 7);
    private static final Map<String, String> TEAMS = teams(System.getProperty("roster"));

    private final SpecificDatumReader<Activity> reader = new SpecificDatumReader<>(Activity.class);
    private BinaryDecoder in;
    private Activity activity; // used again, and the buffers of its texts too

    /** Of lines `REP TEAM`. */
    private static Map<String, String> teams(String file) {
        Map<String, String> teams = new HashMap<>();
        try (var lines = Files.lines(Path.of(file))) {
            lines.map(line -> line.split(" ")).forEach(words -> teams.put(words[0], words[1]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return teams;
    }

    static String team(String rep) {
        return TEAMS.get(rep);
    }

    public Deed decode(byte[] value) {
        if (value.length < HEADER || value[0] != 0) throw new IllegalArgumentException("not the wire format");
        try {
            in = DecoderFactory.get().binaryDecoder(value, HEADER, value.length - HEADER, in);
            activity = reader.read(activity, in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Deed deed = new Deed();
        deed.rep = activity.getRep().toString();
        deed.team = team(deed.rep);
        deed.kind = KINDS.get(activity.getType().toString());
        deed.atMs = activity.getOccurredAt().toEpochMilli();
        var amount = activity.getAmount();
        deed.cents = amount == null ? 0 : amount.movePointRight(2).longValueExact();
        return deed;
    }
}
