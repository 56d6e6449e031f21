//! A recorded session: format, reader, writer
